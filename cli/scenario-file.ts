import { existsSync, readdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nearest } from '../core/nearest.ts'
import { InputError } from './input-error.ts'

/** `.ts` from source, `.js` from dist/. */
const EXTENSION = extname(import.meta.filename)
const READY_SCENARIOS = resolve(import.meta.dirname, '../scenarios')

export interface ScenarioFile {
  name: string
  path: string
  /** The default export, unchecked. */
  definition: unknown
}

export function readyScenarios(): string[] {
  return readdirSync(READY_SCENARIOS)
    .filter(file => file.endsWith(EXTENSION) && !file.endsWith('.d.ts'))
    .map(file => basename(file, EXTENSION))
    .sort()
}

/** Loads a scenario by its path, or by the name of one that comes with Loadcell. @throws InputError */
export async function loadScenario(fileOrName: string): Promise<ScenarioFile> {
  const path = find(fileOrName)
  resolveLoadcellToItself()
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    throw new InputError(
      `the scenario ${path} could not be loaded: ${whatFailed(error, path)}`,
      'Mend the file and run again.',
    )
  }
  if (module.default === undefined) {
    const named = Object.keys(module)
    throw new InputError(
      `the scenario ${path} has no default export${named.length > 0 ? ` (it exports ${named.join(', ')})` : ''}`,
      "Write `export default scenario({ … })`, with `import { scenario } from 'loadcell'`.",
    )
  }
  return { name: basename(path).replace(/\.(scenario\.)?[cm]?[jt]s$/, ''), path, definition: module.default }
}

function find(fileOrName: string): string {
  const asFile = resolve(fileOrName)
  if (/\.[cm]?[jt]s$/.test(fileOrName) || fileOrName.includes('/')) {
    if (existsSync(asFile)) return asFile
    throw new InputError(
      `there is no file ${asFile}`,
      `Give the path of a scenario, or one of: ${readyScenarios().join(', ')}`,
    )
  }
  const ready = resolve(READY_SCENARIOS, `${fileOrName}${EXTENSION}`)
  if (existsSync(ready)) return ready
  const meant = nearest(fileOrName, readyScenarios())
  throw new InputError(
    `there is no scenario ${JSON.stringify(fileOrName)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `Ready ones: ${readyScenarios().join(', ')}; or give the path of a file.`,
  )
}

/** A scenario imports 'loadcell' wherever it lies, also where nothing is installed: it gets the one that runs it. */
function resolveLoadcellToItself(): void {
  const authoring = pathToFileURL(resolve(import.meta.dirname, `../harness/scenario${EXTENSION}`)).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'loadcell' ? { url: authoring, shortCircuit: true } : next(specifier, context),
  })
}

function whatFailed(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error)
  // Node puts the place of a syntax error, and the frames of any other, in the stack.
  const place = error.stack?.match(new RegExp(`${basename(path).replaceAll('.', '\\.')}:(\\d+)(?::\\d+)?`))
  return `${error.name}: ${error.message}${place === null || place === undefined ? '' : ` (line ${place[1]})`}`
}
