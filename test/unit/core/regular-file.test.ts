import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readRegularFile } from '../../../core/regular-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-regular-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('readRegularFile', () => {
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'größer')

  it('returns the text of a file up to the limit', () => {
    expect(readRegularFile(file, 8)).toBe('größer')
  })

  it('reads what Windows writes: UTF-8 with a byte order mark, and UTF-16', () => {
    const marked = join(folder, 'marked.txt')
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(marked, '\ufeff{"a": 1}', encoding)
      expect(readRegularFile(marked, 100)).toBe('{"a": 1}')
    }
  })

  it('reads a file that is in no known encoding, such as a certificate with comments, as well as it can', () => {
    const latin = join(folder, 'latin.txt')
    writeFileSync(latin, 'größer -----BEGIN', 'latin1')
    expect(readRegularFile(latin, 100)).toContain('-----BEGIN')
  })

  it('says why a file is not read, and does not wait for the writer of a pipe', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => readRegularFile(file, 7)).toThrow(expect.objectContaining({ why: 'too large', bytes: 8 }))
    expect(() => readRegularFile(join(folder, 'none'), 8)).toThrow(expect.objectContaining({ why: 'missing' }))
    for (const path of [folder, pipe])
      expect(() => readRegularFile(path, 8)).toThrow(expect.objectContaining({ why: 'no file' }))
    expect(() => readRegularFile(join(file, 'b'), 8)).toThrow(
      expect.objectContaining({ why: 'unreadable', message: expect.stringContaining('ENOTDIR') as string }),
    )
  })
})
