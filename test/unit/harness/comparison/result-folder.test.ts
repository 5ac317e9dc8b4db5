import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnusableResult } from '../../../../harness/comparison/result-file.ts'
import { resultsIn } from '../../../../harness/comparison/result-folder.ts'

describe('resultsIn', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loadcell-results-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function put(path: string): void {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), '{}')
  }
  const found = () => resultsIn(folder).paths.map(path => relative(folder, path))

  it('finds results at every depth, in the order of their names', () => {
    for (const path of ['b/result.json', 'a/deep/er/result.json', 'result.json', 'a/result.json']) put(path)
    expect(found()).toEqual(['a/deep/er/result.json', 'a/result.json', 'b/result.json', 'result.json'])
  })

  it('leaves out other files, hidden folders, installed packages and links', () => {
    for (const path of [
      'a/result.json',
      'a/audit.json',
      '.git/result.json',
      'node_modules/x/result.json',
      'a/result.json.part',
    ])
      put(path)
    symlinkSync(folder, join(folder, 'loop'))
    symlinkSync(join(folder, 'a/result.json'), join(folder, 'result.json'))
    expect(found()).toEqual(['a/result.json'])
  })

  it('rejects a folder without results', () => {
    put('a/other.json')
    expect(() => resultsIn(folder)).toThrow(UnusableResult)
    expect(() => resultsIn(folder)).toThrow(/there is no result\.json in .*: expected the results of runs/)
  })

  it('rejects a folder that cannot be read, with the reason', () => {
    expect(() => resultsIn(join(folder, 'none'))).toThrow(/none cannot be read: ENOENT/)
  })
})
