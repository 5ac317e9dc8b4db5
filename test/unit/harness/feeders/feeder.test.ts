import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../../../core/random.ts'
import { type Feeder, csvFeeder, jsonFeeder } from '../../../../harness/feeders/feeder.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'feeder-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function at(id: number, iteration: number, seed = 1): Parameters<Feeder<unknown>['next']>[0] {
  return { vu: { id, iteration }, random: random(seed) }
}

describe('reading', () => {
  test('CSV by its header, with quotes, blank lines and a byte order mark', () => {
    const path = file('a.csv', '\uFEFFname, city\r\n"Doe, J",Łódź\r\n\r\nRoe,"a ""b"""\r\n')
    const rows = [
      { name: 'Doe, J', city: 'Łódź' },
      { name: 'Roe', city: 'a "b"' },
    ]
    expect(csvFeeder(path).rows).toEqual(rows)
    expect(csvFeeder(pathToFileURL(path)).rows).toEqual(rows)
  })

  test('a JSON array', () => {
    expect(jsonFeeder<{ id: number }>(file('a.json', '[{"id":1},{"id":2}]')).rows).toEqual([{ id: 1 }, { id: 2 }])
  })

  test.each([
    [
      'a ragged line',
      () => csvFeeder(file('r.csv', 'a,b\n1,2\n3\n')),
      /r\.csv: line 3: expected 2 values, one for each column, got 1/,
    ],
    ['a header alone', () => csvFeeder(file('h.csv', 'a,b\n')), /h\.csv: expected at least one row, got none/],
    ['an empty file', () => csvFeeder(file('e.csv', '')), /e\.csv: expected at least one row/],
    ['no array', () => jsonFeeder(file('o.json', '{"a":1}')), /o\.json: expected a JSON array of rows, got object/],
    ['no JSON', () => jsonFeeder(file('n.json', '[1,')), /n\.json: /],
    ['no file', () => csvFeeder('missing.csv'), /missing\.csv: cannot be read \(looked in .*import\.meta\.url/],
    ['no such mode', () => jsonFeeder(file('m.json', '[1]'), { mode: 'once' as 'random' }), /expected mode circular/],
  ])('%s is an error that names the file and the problem', (_name, make, message) => {
    expect(make).toThrow(message)
  })
})

/** Excel's UTF-16, in either order of bytes. */
function utf16(text: string, { mark = true, swapped = false } = {}): Uint8Array {
  const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le')
  return swapped ? bytes.swap16() : bytes
}

describe('CSV as spreadsheets write it', () => {
  const rows = [
    { name: 'Müller', price: '1,5' },
    { name: 'Łódź; "x"', price: '' },
  ]
  test.each<[string, string | Uint8Array]>([
    ['commas', 'name,price\nMüller,"1,5"\n"Łódź; ""x""",\n'],
    ['semicolons, with decimal commas', 'name;price\r\nMüller;1,5\r\n"Łódź; ""x""";\r\n'],
    ['tabs', 'name\tprice\r\nMüller\t1,5\r\n"Łódź; ""x"""\t\r\n'],
    ['bars', 'name|price\nMüller|1,5\n"Łódź; ""x"""|\n'],
    ['a sep= line', 'sep=;\r\nname;price\r\nMüller;1,5\r\n"Łódź; ""x""";\r\n'],
    ['a sep= line for a separator of its own', '"sep=^"\nname^price\nMüller^1,5\n"Łódź; ""x"""^\n'],
    ['a byte order mark and a sep= line', '\uFEFFsep=,\r\nname,price\r\nMüller,"1,5"\r\n"Łódź; ""x""",\r\n'],
    ['UTF-16 LE', utf16('name\tprice\r\nMüller\t1,5\r\n"Łódź; ""x"""\t\r\n')],
    ['UTF-16 BE', utf16('name\tprice\r\nMüller\t1,5\r\n"Łódź; ""x"""\t\r\n', { swapped: true })],
    ['UTF-16 LE without a mark', utf16('name;price\r\nMüller;1,5\r\n"Łódź; ""x""";\r\n', { mark: false })],
    ['UTF-16 BE without a mark', utf16('name;price\nMüller;1,5\n"Łódź; ""x""";', { mark: false, swapped: true })],
    ['carriage returns alone', 'name;price\rMüller;1,5\r"Łódź; ""x""";\r'],
    ['line ends of all kinds', 'name;price\rMüller;1,5\n"Łódź; ""x""";\r\n'],
    ['no line end at the end', 'name;price\nMüller;1,5\n"Łódź; ""x""";'],
    ['blank and empty lines', '\r\nname;price\r\n\r\nMüller;1,5\r\n;\r\n  \r\n"Łódź; ""x""";\r\n;;;;\r\n'],
    ['empty columns behind', 'name;price;;\nMüller;1,5;;\n"Łódź; ""x""";;;\n'],
    ['separators behind some rows', 'name;price\nMüller;1,5;;;\n"Łódź; ""x""";\n'],
    ['an empty column between', 'name;;price\nMüller;;1,5\n"Łódź; ""x""";;\n'],
    ['spaces around names and values', ' name ;\tprice\u00A0\n Müller ; 1,5\n "Łódź; ""x""" ;\n'],
    ['quoted names', '"name";"price"\n"Müller";"1,5"\n"Łódź; ""x""";""\n'],
  ])('%s', (_what, content) => {
    expect(csvFeeder(file('excel.csv', content)).rows).toEqual(rows)
  })

  test('values keep the line ends and spaces that are in their quotes', () => {
    const path = file('lines.csv', 'a,b\r\n" one\r\ntwo ",2\r\n')
    expect(csvFeeder(path).rows).toEqual([{ a: ' one\r\ntwo ', b: '2' }])
  })

  test('finds the delimiter by comparing all lines', () => {
    const path = file('both.csv', 'last, first;mail\nDoe, Jane;j@x.example\nRoe;r@x.example\n')
    expect(csvFeeder(path).rows[0]).toEqual({ 'last, first': 'Doe, Jane', mail: 'j@x.example' })
  })

  test('may be in a legacy encoding that is given', () => {
    const bytes = Buffer.from('name\nm\xfcller \x80\n', 'latin1')
    expect(csvFeeder(file('old.csv', bytes), { encoding: 'windows-1252' }).rows).toEqual([{ name: 'müller €' }])
  })

  test('may have a separator that is given', () => {
    expect(csvFeeder(file('named.csv', 'a;b,c\n1;2,3\n'), { delimiter: ';' }).rows).toEqual([{ a: '1', 'b,c': '2,3' }])
  })

  test('may have a column with the name of an object’s property', () => {
    const [row] = csvFeeder(file('proto.csv', '__proto__,constructor\n1,2\n')).rows
    expect(Object.entries(row!)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })

  test.each<[string, string | Uint8Array, RegExp]>([
    ['a short row', 'a;b;c\n1;2;3\n\n4;5\n', /bad\.csv: line 4: expected 3 values, one for each column, got 2/],
    ['a short row below a sep= line', 'sep=;\na;b\n1\n', /bad\.csv: line 3: expected 2 values/],
    ['a long row', 'a,b\n1,2\n3,4,5\n', /bad\.csv: line 3: value 3, "5", has no column.*quotes/],
    ['a decimal comma among commas', 'a,b\nx,1,5\n', /line 2: value 3, "5".*\("1,5"\)/],
    ['a column without a name that has values', 'a,,c\n1,2,3\n', /line 2: value 2, "2", has no column with a name/],
    ['a column named twice', 'a,b, a\n1,2,3\n', /line 1: columns 1 and 3 are both named "a"; give each a name/],
    [
      'a quote within a value',
      'a,b\n1,2\n5" nail,3\n',
      /bad\.csv: line 3: expected quotes around a whole value.*"5"" nails"/,
    ],
    ['a quote that is never closed', 'a,b\n1,"2\n3,4\n', /bad\.csv: line 2: expected quotes around a whole value/],
    ['Windows-1252', Buffer.from('a\nx\nm\xfcller\n', 'latin1'), /bad\.csv: line 3 is not UTF-8: save.*windows-1252/],
    ['two separators that both fit', 'a;b,c\n1;2,3\n', /line 1: "," or ";" may separate.*delimiter/],
    ['a workbook', Buffer.from('PK\x03\x04\x14\x00', 'latin1'), /bad\.csv: this is a workbook/],
    ['UTF-32', Buffer.from('\xff\xfe\x00\x00a\x00\x00\x00', 'latin1'), /bad\.csv: this is UTF-32: save/],
    ['half a character of UTF-16', utf16('a\nb').subarray(0, 7), /bad\.csv: line 2 is not UTF-16LE/],
    ['names alone', 'sep=;\r\na;b\r\n\r\n', /bad\.csv: expected at least one row, got none/],
    ['a byte order mark alone', '\uFEFF', /bad\.csv: expected at least one row, got none/],
    ['a sep= line alone', 'sep=;', /bad\.csv: expected at least one row, got none/],
  ])('%s is an error that says where and what to do', (_what, content, message) => {
    expect(() => csvFeeder(file('bad.csv', content))).toThrow(message)
  })

  test('rejects an encoding that does not exist', () => {
    expect(() => csvFeeder(file('e.csv', 'a\n1\n'), { encoding: 'ansi' })).toThrow(/e\.csv: expected an encoding/)
  })
})

describe('JSON', () => {
  const rows = [{ a: 1 }, { a: 'é' }]
  test.each<[string, string, string | Uint8Array]>([
    ['a byte order mark', 'x.json', '\uFEFF[{"a":1},{"a":"é"}]'],
    ['UTF-16', 'x.json', utf16('[{"a":1},{"a":"é"}]')],
    ['a value a line', 'x.ndjson', '{"a":1}\r\n\r\n{"a":"é"}\n'],
    ['a value a line with a byte order mark', 'x.jsonl', '\uFEFF{"a":1}\n{"a":"é"}'],
    ['a value a line under another name', 'x.json', '{"a":1}\n{"a":"é"}\n'],
  ])('with %s', (_what, name, content) => {
    expect(jsonFeeder(file(name, content)).rows).toEqual(rows)
  })

  test('may have one value per line, or a single line', () => {
    expect(jsonFeeder(file('one.ndjson', '{"a":1}')).rows).toEqual([{ a: 1 }])
  })

  test.each<[string, string, string | Uint8Array, RegExp]>([
    ['a comma too many', 'bad.json', '[\n{"a":1},\n]', /bad\.json: .*line 3/],
    ['an end too early', 'bad.json', '[\n{"a":1},\n', /bad\.json: line 3: /],
    ['a broken line', 'bad.ndjson', '{"a":1}\n{"a":}\n', /bad\.ndjson: line 2: expected one JSON value on each line: /],
    [
      'a broken line under another name',
      'bad.json',
      '{"a":1}\n{"a":}\n',
      /bad\.json: line 2: expected one JSON value on each line/,
    ],
    ['null', 'bad.json', 'null', /bad\.json: expected a JSON array of rows, got null/],
    ['nothing', 'bad.json', '\uFEFF \n', /bad\.json: expected at least one row, got none/],
    ['nothing at all', 'bad.ndjson', '', /bad\.ndjson: expected at least one row, got none/],
    ['Latin-1', 'bad.json', Buffer.from('[\n"\xfc"]', 'latin1'), /bad\.json: line 2 is not UTF-8/],
  ])('with %s is an error that says where', (_what, name, content, message) => {
    expect(() => jsonFeeder(file(name, content))).toThrow(message)
  })
})

describe('the next row', () => {
  const feeder = (mode?: 'circular' | 'random' | 'unique') =>
    jsonFeeder<string>(file('rows.json', '["a","b","c"]'), mode === undefined ? {} : { mode })

  test('follows the order of the file, with another start for each user', () => {
    const rows = feeder()
    expect([0, 1, 2, 3].map(iteration => rows.next(at(0, iteration)))).toEqual(['a', 'b', 'c', 'a'])
    expect([0, 1, 2, 3].map(iteration => rows.next(at(1, iteration)))).toEqual(['b', 'c', 'a', 'b'])
  })

  test('at random is drawn from the user’s own generator', () => {
    const rows = feeder('random')
    const draw = () => Array.from({ length: 300 }, (_, seed) => rows.next(at(0, 0, seed)))
    expect(draw()).toEqual(draw())
    for (const row of rows.rows) expect(draw().filter(drawn => drawn === row).length).toBeGreaterThan(60)
  })

  test('stays with one user if rows are unique', () => {
    const rows = feeder('unique')
    expect([0, 1, 2].map(id => [rows.next(at(id, 0)), rows.next(at(id, 9))])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
    expect(() => rows.next(at(3, 0))).toThrow('expected a row for each user, got 3 rows and a user 4')
  })
})
