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

/** Packages, and files of ours that stand for a part that few runs use. */
const LATE_IN_A_RUN = [
  '@opentelemetry/api',
  'hdr-histogram-js',
  'log-update',
  'typebox',
  'typebox/schema',
  'undici',
  'yaml',
  'harness/export/prometheus-endpoint.ts',
  'harness/report/formats.ts',
  'harness/report/html.ts',
  'harness/run-page/run-page-server.ts',
]

it('A run that sends its first request has loaded no report, page or export, and no library that few runs use', () => {
  const loaded = loadedBy('cli/run/run-scenario.ts')
  expect(loaded.has('harness/run/run.ts')).toBe(true)
  expect(LATE_IN_A_RUN.filter(name => loaded.has(name))).toEqual([])
})

it('A target without a file of its configuration loads no reader of YAML, and no target an encoder of histograms', () => {
  const loaded = loadedBy('cli/target/serve.ts')
  expect(loaded.has('target/app.ts')).toBe(true)
  expect(['yaml', 'hdr-histogram-js'].filter(name => loaded.has(name))).toEqual([])
})

it('Nothing that a start loads imports Node’s HTTP by name, which would load all that it exports, such as the client for `fetch`', () => {
  const starts = ['cli/program.ts', 'cli/target/serve.ts', 'cli/run/run-scenario.ts', 'cli/run/workers/worker-main.ts']
  const files = starts.flatMap(file => [file, ...loadedBy(file).keys()]).filter(path => path.endsWith('.ts'))
  const named = /^import (?!type )(?!\{(?:\s*type [^,}]+,?)*\s*\}).*from 'node:https?'/m
  expect([...new Set(files)].filter(file => named.test(readFileSync(file, 'utf8')))).toEqual([])
})
