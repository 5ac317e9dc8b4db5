import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { existing, filesIn, isWrittenSince, readReportFiles } from '../../../../../cli/audit/report/report-files.ts'
import { InputError } from '../../../../../cli/process/input-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-reports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'a.csv')
const nested = join(folder, 'run', 'deep', 'b.log')
mkdirSync(join(folder, 'run', 'deep'), { recursive: true })
writeFileSync(file, 'one')
writeFileSync(nested, 'two')

describe('readReportFiles', () => {
  it('reads files, and all files below a folder, by their names', () => {
    const sources = readReportFiles([file, join(folder, 'run')])
    expect(sources.map(({ name, bytes }) => [name, bytes.toString()])).toEqual([
      ['a.csv', 'one'],
      ['b.log', 'two'],
    ])
  })

  it('names a file that is not there', () => {
    expect(() => readReportFiles([join(folder, 'none.csv')])).toThrow(InputError)
    expect(() => readReportFiles([join(folder, 'none.csv')])).toThrow(/none\.csv/)
  })
})

describe('a report that is no file', () => {
  it('is refused, because a device or a pipe may have no end', () => {
    expect(() => readReportFiles(['/dev/zero'])).toThrow(/the report \/dev\/zero is neither a file nor a folder/)
  })

  it('is refused with more files than any tool writes', () => {
    const crowded = mkdtempSync(join(folder, 'crowded-'))
    for (let index = 0; index <= 1000; index++) writeFileSync(join(crowded, String(index)), '')
    expect(() => readReportFiles([crowded])).toThrow(/has more than 1000 files/)
    rmSync(crowded, { recursive: true })
  })
})

describe('filesIn', () => {
  it('finds the files below a folder', () => {
    expect(filesIn([folder])).toEqual([file, nested])
  })
})

describe('existing', () => {
  it('leaves out what is not there', () => {
    expect(existing([file, join(folder, 'none')])).toEqual([file])
  })
})

describe('isWrittenSince', () => {
  it('tells a report of this run from one of an earlier run', () => {
    utimesSync(file, 1000, 1000)
    expect(isWrittenSince(file, 1_000_500)).toBe(true)
    expect(isWrittenSince(file, 1_100_000)).toBe(false)
  })
})
