import { type LoadHookSync, registerHooks } from 'node:module'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Files of the modules that Node loads from now on, outside of Loadcell itself and of node_modules. */
export class LoadedModules {
  readonly #paths = new Set<string>()
  readonly #own: readonly string[]
  readonly #hooks: { deregister(): void }

  /** @param own folders of Loadcell, whose modules are everywhere already */
  constructor(own: readonly string[]) {
    this.#own = own.map(folder => folder + sep)
    this.#hooks = registerHooks({ load: this.#load })
  }

  /** Absolute paths, in the order in which they were loaded. */
  get paths(): string[] {
    return [...this.#paths]
  }

  close(): void {
    this.#hooks.deregister()
  }

  readonly #load: LoadHookSync = (url, context, next) => {
    if (url.startsWith('file:')) {
      const path = fileURLToPath(url)
      const isOurs = this.#own.some(folder => path.startsWith(folder))
      if (!isOurs && !path.includes(`${sep}node_modules${sep}`)) this.#paths.add(path)
    }
    return next(url, context)
  }
}
