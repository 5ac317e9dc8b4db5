import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectPlace } from '../../../../cli/lab/worksheet-file.ts'

describe('the place of a worksheet', () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'loadcell-place-'))
    onTestFinished(() => rmSync(path, { recursive: true }))
    return path
  }

  it('may be in folders that do not exist yet, which are not made before the lab', () => {
    const parent = folder()
    expectPlace(join(parent, 'class/of/2026/ada.json'))
    expect(existsSync(join(parent, 'class'))).toBe(false)
  })

  it('is refused before the lab where it cannot be made', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(() => expectPlace(join(file, 'ada.json'))).toThrow(`the worksheet cannot be written: ${file} is a file`)
  })
})
