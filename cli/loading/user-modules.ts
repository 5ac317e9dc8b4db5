import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type LoadHookSync, registerHooks } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Maximum number of files that are searched for a syntax error. Each search takes a process. */
const MOST_CHECKED = 20
const CHECKED_WITHIN_MS = 5000

/** Modules of a scenario: its file, and its imports outside node_modules. */
export class UserModules {
  /** URLs of files written as ES modules. */
  readonly #loaded = new Set<string>()

  /**
   * Makes Node load each file as the kind of module that it is written as. By default, Node decides by the extension and by `type` of
   * the nearest package.json, which `npm init` sets to "commonjs".
   * @param loadcell URL of the module for imports of 'loadcell', whatever version is installed beside the scenario.
   */
  register(loadcell: string): void {
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'loadcell' ? { url: loadcell, shortCircuit: true } : next(specifier, context),
      load: (url, context, next) => this.#load(url, context, next),
    })
  }

  readonly #load: LoadHookSync = (url, context, next) => {
    const [, extension] = /^file:[^?#]*\.([cm]?[jt]s)(?:[?#]|$)/.exec(url) ?? []
    if (extension === undefined || url.includes('/node_modules/')) return next(url, context)
    const isModule = context.format?.startsWith('module') || isEsModule(readFileSync(fileURLToPath(url), 'utf8'))
    if (!isModule) return next(url, context)
    this.#loaded.add(url)
    return next(url, { ...context, format: extension.endsWith('ts') ? 'module-typescript' : 'module' })
  }

  /** Returns the place of the syntax error, as `shop.ts:7`. V8 leaves it out of the stack of an ES module that it cannot parse. */
  placeOfSyntaxError(): string | undefined {
    for (const url of [...this.#loaded].reverse().slice(0, MOST_CHECKED)) {
      const file = fileURLToPath(url)
      const type = file.endsWith('ts') ? 'module-typescript' : 'module'
      const { stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '--check'], {
        input: readFileSync(file),
        timeout: CHECKED_WITHIN_MS,
        encoding: 'utf8',
      })
      const [, line] = /^\[?[\w-]+\]?:(\d+)$/m.exec(stderr) ?? []
      if (line !== undefined) return `${basename(file)}:${line}`
    }
    return undefined
  }
}

/** Tells whether any line, outside comments and template literals, begins with syntax of ES modules. */
function isEsModule(source: string): boolean {
  const code = source.replaceAll(/\/\*[^]*?\*\/|^[ \t]*\/\/.*$|`(?:\\.|[^`\\])*`/gm, '``')
  return /^\s*(?:import\s*(?:["'{*]|type\b|[\w$]+\s*(?:,|from\b))|export\s*(?:[{*]|default\b|const\b|let\b|var\b|async\b|function\b|class\b|type\b|interface\b))/m.test(
    code,
  )
}
