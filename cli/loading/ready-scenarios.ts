import { readdirSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'

/** Extension of the scenarios that come with Loadcell: `.ts` from source, `.js` from dist/. */
export const SCENARIO_EXTENSION = extname(import.meta.filename)

const FOLDER = resolve(import.meta.dirname, '../../scenarios')

/** Returns the names of the scenarios that come with Loadcell. Help texts list them, so nothing is loaded for it. */
export function readyScenarios(): string[] {
  return readdirSync(FOLDER)
    .filter(file => file.endsWith(SCENARIO_EXTENSION) && !file.endsWith('.d.ts'))
    .map(file => basename(file, SCENARIO_EXTENSION))
    .sort()
}

/** Returns the file of such a scenario, whether or not there is one of this name. */
export function readyScenarioPath(name: string): string {
  return resolve(FOLDER, `${name}${SCENARIO_EXTENSION}`)
}
