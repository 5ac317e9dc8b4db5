import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'

/** An import that loads its module at once. Types are erased, and `import()` waits until it is called. */
const LOADING = /^(?:import|export) (?!type )([^'()]*)from '([^']+)'/gm

/** Returns what a file loads when it is imported: files as paths from the root, packages by their names. */
function loadedBy(file: string, loaded = new Map<string, string>()): Map<string, string> {
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(LOADING)) {
    if (/^\{(\s*type [^,}]+,?)*\s*\}\s*$/.test(names) || from.startsWith('node:')) continue
    const path = from.startsWith('.') ? normalize(join(dirname(file), from)) : from
    if (loaded.has(path)) continue
    loaded.set(path, file)
    if (from.startsWith('.')) loadedBy(path, loaded)
  }
  return loaded
}

it('The help of all commands loads Commander and no other package, because each would make every start slower', () => {
  const packages = [...loadedBy('cli/program.ts')].filter(([path]) => !path.endsWith('.ts'))
  const names = packages.map(([name]) => name)
  expect(packages.filter(([name]) => name !== 'commander')).toEqual([])
  expect(names).toEqual(['commander'])
})

it('A target that listens has not loaded the library of its metrics, because most targets are never scraped', () => {
  const loaded = loadedBy('target/app.ts')
  expect(loaded.has('target/metrics/metrics.ts')).toBe(true)
  expect(loaded.get('@prometheus-io/client')).toBeUndefined()
})
