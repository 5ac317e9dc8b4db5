import { concealUrl } from '../../../harness/client/address/url-credentials.ts'
import { createPlan, type Plan, ScenarioError } from '../../../harness/plan/plan.ts'
import { unknownPlaces } from '../../../harness/thresholds/unknown-places.ts'
import { listedError } from '../../process/input-error.ts'
import type { ScenarioFile } from '../../loading/scenario-file.ts'
import { scenarioOptionsOf } from '../../options/chosen-options.ts'
import type { RunFlags } from './run-flags.ts'
import { checkTargetFlags } from '../../options/target-flags.ts'

/** Returns the setting that lets the ledger of the embedded target keep the traces of requests. */
function keptTraces({ trace, target }: RunFlags): Record<string, string> {
  return trace === undefined || target !== undefined ? {} : { 'ledger.details': 'true' }
}

/** @throws InputError that names everything that is wrong. */
export function planOf({ definition, name, path }: ScenarioFile, source: string, flags: RunFlags): Plan {
  try {
    const { vus, rate, duration, profile } = flags
    return createPlan(definition, name, {
      ...scenarioOptionsOf(flags, path),
      vus,
      rate,
      duration,
      profile,
      source,
      tags: flags.tag,
      targetSettings: { ...keptTraces(flags), ...flags.targetSet },
      thresholds: flags.threshold,
      ...(flags.trace !== undefined && { trace: Number(flags.trace) }),
      observe: flags.observe,
    })
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    throw listedError(`${path} cannot be run`, error.lines, 'docs/scenario-reference.md shows every field.')
  }
}

/** Checks that thresholds ask for the place of this process, in a run that has no other. @throws InputError */
export function checkPlaces({ thresholds }: Plan, { place }: RunFlags): void {
  const unknown = unknownPlaces(thresholds, place === undefined ? [] : [place])
  if (unknown.length > 0)
    throw listedError('some thresholds are for other places', unknown, 'docs/scaling.md says what a place is.')
}

/** Checks that the options fit the target, and tells which settings a running target does not get. @throws InputError */
export function checkTarget({ targetSettings }: Plan, flags: RunFlags): void {
  checkTargetFlags(flags)
  const settings = Object.entries(targetSettings).map(([key, value]) => `${key}=${value}`)
  if (flags.target === undefined || settings.length === 0) return
  process.stderr.write(
    `Note: this scenario is meant for a target with ${settings.join(', ')}; ${concealUrl(flags.target)} keeps its own settings.\n`,
  )
}
