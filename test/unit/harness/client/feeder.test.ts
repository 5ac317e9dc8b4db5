import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../../../core/random.ts'
import { type Feeder, csvFeeder, jsonFeeder } from '../../../../harness/user/feeder.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'feeder-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
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
    ['a ragged line', () => csvFeeder(file('r.csv', 'a,b\n1,2\n3\n')), /r\.csv: Invalid Record Length.*line 3/],
    ['a header alone', () => csvFeeder(file('h.csv', 'a,b\n')), /h\.csv: expected at least one row, got none/],
    ['an empty file', () => csvFeeder(file('e.csv', '')), /e\.csv: expected at least one row/],
    ['no array', () => jsonFeeder(file('o.json', '{"a":1}')), /o\.json: expected a JSON array of rows, got object/],
    ['no JSON', () => jsonFeeder(file('n.json', '[1,')), /n\.json: /],
    ['no file', () => csvFeeder('missing.csv'), /missing\.csv: cannot be read \(looked in .*import\.meta\.url/],
    ['no such mode', () => jsonFeeder(file('m.json', '[1]'), { mode: 'once' as 'random' }), /expected mode circular/],
  ])('%s is an error that names the file and the fault', (_name, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('the next row', () => {
  const feeder = (mode?: 'circular' | 'random' | 'unique') =>
    jsonFeeder<string>(file('rows.json', '["a","b","c"]'), mode === undefined ? {} : { mode })

  test('walks through the file, from another start for each user', () => {
    const rows = feeder()
    expect([0, 1, 2, 3].map(iteration => rows.next(at(0, iteration)))).toEqual(['a', 'b', 'c', 'a'])
    expect([0, 1, 2, 3].map(iteration => rows.next(at(1, iteration)))).toEqual(['b', 'c', 'a', 'b'])
  })

  test('at random is drawn from the user’s own chance', () => {
    const rows = feeder('random')
    const draw = () => Array.from({ length: 300 }, (_, seed) => rows.next(at(0, 0, seed)))
    expect(draw()).toEqual(draw())
    for (const row of rows.rows) expect(draw().filter(drawn => drawn === row).length).toBeGreaterThan(60)
  })

  test('of its own stays with a user, and never goes to two', () => {
    const rows = feeder('unique')
    expect([0, 1, 2].map(id => [rows.next(at(id, 0)), rows.next(at(id, 9))])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
    expect(() => rows.next(at(3, 0))).toThrow('expected a row for each user, got 3 rows and a user 4')
  })
})
