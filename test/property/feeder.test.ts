import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { readCsv } from '../../harness/feeders/csv.ts'
import { readJson } from '../../harness/feeders/json.ts'

const seed = 20_261_129

/** Text with and without characters that are special in CSV. */
const value = fc.string({
  unit: fc.constantFrom('a', 'é', '東', ' ', '"', ',', ';', '\t', '\n', '\r\n', "'"),
  maxLength: 8,
})

it('reads what csv-parse reads, however it is separated', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r\n', '\r'),
      (rows, delimiter, lineEnd) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
        const lines = [['a', 'b', 'c'], ...rows].map(row => row.map(quoted).join(delimiter))
        const text = lines.join(lineEnd)
        const expected = parse<Record<string, string>>(text, { columns: true, delimiter, record_delimiter: lineEnd })
        expect(readCsv(text)).toEqual(expected.filter(row => Object.values(row).some(each => each !== '')))
      },
    ),
    { seed },
  )
})

it('names a line of the file for any invalid JSON', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', ',', ':', '}', ']', '-', 'x', '\u0001'),
      (json, at, put) => {
        const place = at % (json.length + 1)
        const text = `[${json.slice(0, place)}${put}${json.slice(place + 1)}]`
        try {
          JSON.parse(text)
        } catch {
          expect(() => readJson(text, { isNdjson: false })).toThrow(/^line 1: /)
        }
      },
    ),
    { seed },
  )
})
