import type * as Undici from 'undici'
import { lateModule } from '../../../../core/late-module.ts'

/** Returns undici, which is loaded for the first engine that uses it: most runs do without, and would start later. */
export const undici = lateModule<typeof Undici>('undici')
