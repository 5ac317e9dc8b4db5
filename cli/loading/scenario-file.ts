import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, parse, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nearest } from '../../core/nearest.ts'
import { VariableError } from '../../harness/scenario/given-variables.ts'
import { describeException, placeOf } from '../../harness/user/exception.ts'
import { InputError } from '../process/input-error.ts'
import { absolute } from '../process/working-directory.ts'
import { readyScenarioPath, readyScenarios, SCENARIO_EXTENSION } from './ready-scenarios.ts'
import { UserModules } from './user-modules.ts'

/** Time for a scenario to load. It may read data at its top level, even from a server. */
const LOADED_WITHIN_MS = 60_000

export interface ScenarioFile {
  name: string
  path: string
  /** The default export, unchecked. */
  definition: unknown
}

/**
 * Loads a scenario by its path, or by the name of one that comes with Loadcell.
 * @param signal aborts the loading, with its reason as the error.
 * @throws InputError
 */
export async function loadScenario(fileOrName: string, signal: AbortSignal): Promise<ScenarioFile> {
  const path = find(fileOrName)
  const modules = new UserModules()
  modules.register(pathToFileURL(resolve(import.meta.dirname, `../../harness/scenario${SCENARIO_EXTENSION}`)).href)
  const module = await Promise.race([read(path, modules), failure(path, signal)])
  const definition = defaultExport(module)
  if (definition === undefined) {
    const named = Object.keys(module).filter(name => name !== 'default' && name !== 'module.exports')
    throw new InputError(
      `the scenario ${path} has no default export${named.length > 0 ? ` (it exports ${named.join(', ')})` : ''}`,
      "Write `export default scenario({ … })`, with `import { scenario } from 'loadcell'`.",
    )
  }
  if (definition instanceof Promise) {
    throw new InputError(`the default export of ${path} is a promise`, 'Write `export default await …`.')
  }
  return { name: basename(path).replace(/\.(scenario\.)?[cm]?[jt]s$/, ''), path, definition }
}

/** Suggests a script beside the missing file, or a ready scenario. */
function didYouMean(file: string): string {
  const folder = dirname(file)
  const ready = readyScenarios().find(name => name === parse(file).name)
  const meant = nearest(basename(file), scriptsIn(folder)) ?? ready
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

function scriptsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  // A link to nothing is no file either.
  return readdirSync(folder).filter(name => /\.[cm]?[jt]s$/.test(name) && existsSync(join(folder, name)))
}

function find(fileOrName: string): string {
  if (/\.[cm]?[jt]s$/.test(fileOrName) || /[/\\]/.test(fileOrName)) {
    const file = absolute(fileOrName)
    if (!existsSync(file)) {
      throw new InputError(
        `there is no file ${file}${didYouMean(file)}`,
        `Give the path of a scenario, or one of: ${readyScenarios().join(', ')}`,
      )
    }
    if (statSync(file).isFile()) return script(file)
    throw new InputError(`${file} is not a file`, 'Give the path of a scenario file, such as ./my-scenario.ts.')
  }
  const ready = readyScenarioPath(fileOrName)
  if (existsSync(ready)) return ready
  const file = absolute(fileOrName)
  if (existsSync(file)) return script(file)
  const meant = nearest(fileOrName, [...scriptsIn(dirname(file)), ...readyScenarios()])
  throw new InputError(
    `there is no scenario ${JSON.stringify(fileOrName)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `Ready ones: ${readyScenarios().join(', ')}; or give the path of a file.`,
  )
}

/** Returns the file if Node can load it. @throws InputError */
function script(file: string): string {
  if (/\.[cm]?[jt]s$/.test(file)) return file
  throw new InputError(
    `${file} is not a scenario: expected a file that ends in .ts, .mts, .cts, .js, .mjs or .cjs`,
    `Give the path of one, or one of: ${readyScenarios().join(', ')}`,
  )
}

async function read(path: string, modules: UserModules): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    if (error instanceof VariableError) throw unfitVariables(path, error)
    const place =
      error instanceof SyntaxError && placeOf(error) === undefined ? modules.placeOfSyntaxError() : undefined
    throw unloadable(path, `${describeException(error)}${place === undefined ? '' : ` (${place})`}`)
  }
}

/** Rejects when loading the file takes too long, never ends, or is interrupted. */
function failure(path: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const limit = `it was not loaded within ${LOADED_WITHIN_MS / 1000} s`
    // Unreferenced, so that it does not keep a finished process alive: `beforeExit` covers an `await` that never ends.
    const timer = setTimeout(() => reject(unloadable(path, limit)), LOADED_WITHIN_MS).unref()
    process.once('beforeExit', () => reject(unloadable(path, 'an `await` at its top level never ends')))
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}

function unfitVariables(path: string, { message }: VariableError): InputError {
  return new InputError(
    `${path} cannot be run with these variables:\n${message.replaceAll(/^/gm, '  ')}`,
    'docs/writing-scenarios.md#variables shows how variables are declared and given.',
  )
}

function unloadable(path: string, why: string): InputError {
  return new InputError(`the scenario ${path} could not be loaded: ${why}`, 'Correct the file and run again.')
}

/** Returns the default export; undefined when there is none. A CommonJS module without exports has an empty object instead. */
function defaultExport(module: Record<string, unknown>): unknown {
  const { default: exported } = module
  if (!('module.exports' in module) || typeof exported !== 'object' || exported === null) return exported
  // A module compiled from an ES module has its default export one level deeper.
  if ('__esModule' in exported) return (exported as { default?: unknown }).default
  return Object.keys(exported).length === 0 ? undefined : exported
}
