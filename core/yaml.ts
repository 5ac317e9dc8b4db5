import type * as Yaml from 'yaml'
import { lateModule } from './late-module.ts'

/** Returns the library that reads and writes YAML, of whose 72 modules most starts need none. */
export const yaml = lateModule<typeof Yaml>('yaml')
