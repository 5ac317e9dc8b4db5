import { createRequire } from 'node:module'
import type * as Undici from 'undici'

let library: typeof Undici | undefined

/** Returns undici, which is loaded for the first engine that uses it: most runs do without, and would start later. */
export function undici(): typeof Undici {
  return (library ??= createRequire(import.meta.url)('undici') as typeof Undici)
}
