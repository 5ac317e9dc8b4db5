import type { CapacityResult } from '../../capacity/capacity-result.ts'
import { capacityPage } from './page.ts'

/** Returns the files of a search by name: the page first and the result last. */
export const capacityFiles: ReadonlyMap<string, (result: CapacityResult) => string> = new Map([
  ['capacity.html', capacityPage],
  ['capacity.json', result => `${JSON.stringify(result, null, 2)}\n`],
])
