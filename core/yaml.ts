import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'

let library: typeof Yaml | undefined

/** Returns the library that reads and writes YAML. It is loaded when it is first needed, because most starts need none of its 72 modules. */
export function yaml(): typeof Yaml {
  return (library ??= createRequire(import.meta.url)('yaml') as typeof Yaml)
}
