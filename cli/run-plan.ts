import { concealUrl } from '../harness/client/address/url-credentials.ts'
import type { Destination } from '../harness/export/destination.ts'
import { createPlan, type Plan, ScenarioError } from '../harness/plan/plan.ts'
import type { ResultFormat, SummaryStyle } from '../harness/report/format-names.ts'
import { unknownPlaces } from '../harness/thresholds/unknown-places.ts'
import type { CoordinatorFlags } from './cluster-options.ts'
import type { BaselineFlags } from './baseline.ts'
import { listedError } from './input-error.ts'
import type { LivePageFlags } from './live-page.ts'
import type { ScenarioFile } from './scenario-file.ts'
import { type ScenarioFlags, scenarioOptionsOf } from './scenario-options.ts'
import { checkTargetFlags } from './target-flags.ts'
import type { WorkerCount } from './worker-count.ts'

/** Parts of an exchange that `--once` shows only when it is asked to. */
export const shownParts = ['bodies', 'secrets'] as const
type ShownPart = (typeof shownParts)[number]

/** Flags of `loadcell run`. */
export interface RunFlags extends BaselineFlags, ScenarioFlags, CoordinatorFlags, LivePageFlags {
  vus?: number
  rate?: number
  duration?: string
  profile?: string
  out?: string
  tag: Record<string, string>
  /** Place of this process. */
  place?: string
  threshold: string[]
  observe: string[]
  report: ResultFormat[]
  summary?: SummaryStyle
  /** Share of the requests whose traces are sampled; true for all. */
  trace?: number | true
  export: Destination[]
  quiet?: true
  once?: true
  workers?: WorkerCount
  onWorkerLoss?: 'end' | 'continue'
  show: ShownPart[]
}

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
