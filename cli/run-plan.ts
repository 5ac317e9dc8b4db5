import { dirname } from 'node:path'
import { freshSeed } from '../core/random.ts'
import { concealUrl } from '../harness/client/address/url-credentials.ts'
import type { EngineName } from '../harness/client/engine/engine-names.ts'
import type { Destination } from '../harness/export/destination.ts'
import type { NetworkFlags } from '../harness/plan/read-network.ts'
import { createPlan, type Plan, ScenarioError } from '../harness/plan/plan.ts'
import type { ResultFormat, SummaryStyle } from '../harness/report/format-names.ts'
import { givenVariables } from '../harness/scenario/given-variables.ts'
import type { BaselineFlags } from './baseline.ts'
import { readPlan } from './faults-plan.ts'
import { InputError } from './input-error.ts'
import type { ScenarioFile } from './scenario-file.ts'
import { checkTargetFlags } from './target-flags.ts'

/** Parts of an exchange that `--once` shows only when it is asked to. */
export const shownParts = ['bodies', 'secrets'] as const
type ShownPart = (typeof shownParts)[number]

/** Flags of `loadcell run`. */
export interface RunFlags extends BaselineFlags, NetworkFlags {
  target?: string
  controlUrl?: string
  vus?: number
  rate?: number
  duration?: string
  profile?: string
  only: string[]
  warmup?: string
  seed?: number
  out?: string
  tag: Record<string, string>
  var: Record<string, string>
  targetSet: Record<string, string>
  host: Record<string, string>
  identify?: true
  faults: string[]
  threshold: string[]
  observe: string[]
  report: ResultFormat[]
  summary?: SummaryStyle
  /** Share of the requests whose traces are sampled; true for all. */
  trace?: number | true
  engine?: EngineName
  export: Destination[]
  quiet?: true
  once?: true
  show: ShownPart[]
}

/** Returns the setting that lets the ledger of the embedded target keep the traces of requests. */
function keptTraces({ trace, target }: RunFlags): Record<string, string> {
  return trace === undefined || target !== undefined ? {} : { 'ledger.details': 'true' }
}

/** @throws InputError that names everything that is wrong. */
export function planOf({ definition, name, path }: ScenarioFile, source: string, flags: RunFlags): Plan {
  try {
    const { vus, rate, duration, profile, only, warmup } = flags
    return createPlan(definition, name, {
      vus,
      rate,
      duration,
      profile,
      only,
      warmup,
      source,
      seed: flags.seed ?? freshSeed(),
      tags: flags.tag,
      variables: givenVariables.list(),
      targetSettings: { ...keptTraces(flags), ...flags.targetSet },
      thresholds: flags.threshold,
      ...(flags.trace !== undefined && { trace: Number(flags.trace) }),
      engine: flags.engine,
      observe: flags.observe,
      network: { flags, folder: dirname(path), env: process.env },
      hosts: flags.host,
      ...(flags.identify && { identify: true }),
      ...(flags.faults.length > 0 && { faults: { sources: flags.faults, faults: readPlan(flags.faults) } }),
    })
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    throw new InputError(
      `${path} cannot be run:\n${error.lines.map(line => `  ${line}`).join('\n')}`,
      'docs/scenario-reference.md shows every field.',
    )
  }
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
