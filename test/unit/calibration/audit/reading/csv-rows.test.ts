import { describe, expect, it } from 'vitest'
import { csvRows } from '../../../../../calibration/audit/reading/csv-rows.ts'
import { ReportError } from '../../../../../calibration/audit/tool.ts'

const rowsOf = (text: string, separator?: string) => [
  ...csvRows({ name: 'a.csv', bytes: Buffer.from(text) }, separator),
]

describe('csvRows', () => {
  it('returns values with the number of their line', () => {
    expect(rowsOf('a,b\n1,\n\n,東京\r\n')).toEqual([
      { line: 1, values: ['a', 'b'] },
      { line: 2, values: ['1', ''] },
      { line: 4, values: ['', '東京'] },
    ])
  })

  it('takes separators, line ends and doubled quotes within quotes for text', () => {
    expect(rowsOf('"a,b","c\nd","say ""hi"""\nlast,"",x')).toEqual([
      { line: 1, values: ['a,b', 'c\nd', 'say "hi"'] },
      { line: 3, values: ['last', '', 'x'] },
    ])
  })

  it('leaves a byte order mark out and takes other separators', () => {
    expect(rowsOf('\uFEFFa;b,c', ';')).toEqual([{ line: 1, values: ['a', 'b,c'] }])
  })

  it('refuses a quote that is never closed, with its line', () => {
    expect(() => rowsOf('a\n"b\nc')).toThrow(
      new ReportError(
        'a.csv: line 2: a quote is never closed. The file is cut off or damaged: pass it as the tool wrote it.',
      ),
    )
  })

  it('does not look for the end of a quote in the rest of a huge file', () => {
    expect(() => rowsOf(`"${'x'.repeat(2 ** 21)}"`)).toThrow(/line 1: a quote is never closed/)
  })
})
