import { describe, expect, it } from 'vitest'
import { filesIn, importsIn } from '../../support/imports.ts'

/** Files by the files that import them. */
const importers = new Map<string, string[]>()
for (const root of ['contract', 'target', 'harness', 'calibration', 'cli', 'pages']) {
  for (const [file, imported] of importsIn(root)) importers.set(imported, [...(importers.get(imported) ?? []), file])
}

/** Returns the top-level folders that import a file, directly or through other files of the contract. */
function readersOf(file: string, seen = new Set<string>()): Set<string> {
  const readers = new Set<string>()
  for (const importer of importers.get(file) ?? []) {
    const folder = importer.split('/')[0]!
    if (folder !== 'contract') readers.add(folder)
    else if (!seen.has(importer)) {
      seen.add(importer)
      for (const reader of readersOf(importer, seen)) readers.add(reader)
    }
  }
  return readers
}

describe('each file of the contract', () => {
  it.each(filesIn('contract'))('%s is read at both ends', file => {
    const readers = readersOf(file)
    // Calibration, the command line and the pages see the target from outside, as the harness does.
    const ends = {
      target: readers.has('target'),
      other: ['harness', 'calibration', 'cli', 'pages'].some(folder => readers.has(folder)),
    }
    expect(ends).toEqual({ target: true, other: true })
  })
})
