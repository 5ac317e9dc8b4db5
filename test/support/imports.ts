import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

/** Returns the TypeScript files in a folder and in those within it, as paths from the root of the repository. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
}

/** Yields each import of the files in a folder, except imports of packages. */
export function* importsIn(folder: string): Iterable<readonly [file: string, imported: string]> {
  for (const file of filesIn(folder)) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      yield [file, normalize(join(dirname(file), path!))]
    }
  }
}
