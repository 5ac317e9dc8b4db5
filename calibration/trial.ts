import type { FaultRuleReport } from '../contract/faults/report.ts'
import type { FaultRule } from '../contract/faults/rule.ts'
import type { CapacityReport, StationReport } from '../contract/faults/station-report.ts'
import type { LedgerReport } from '../contract/ledger.ts'
import type { IncompleteResult } from '../harness/results/complete.ts'
import type { Clock } from '../core/clock.ts'
import type { Network } from '../harness/client/engine/network.ts'
import type { EngineName } from '../harness/client/engine/engine-names.ts'
import { ControlPlane } from '../harness/control/control-plane.ts'
import { inOrderOfRemoval } from '../harness/plan/faults-plan.ts'
import { createPlan } from '../harness/plan/plan.ts'
import { run } from '../harness/run/run.ts'
import type { Scenario } from '../harness/scenario.ts'
import { readSettledLedger } from './ledger-client.ts'

/** Target and environment of a calibration. */
export interface TrialOptions {
  /** A target without other clients. */
  targetUrl: string
  controlToken?: string
  /** How connections to it are made; default: directly, to servers that Node trusts. */
  network?: Network
  clock: Clock
  seed: number
  /** Version of the harness, for its results. */
  version: string
  engine?: EngineName
  /** Default `run`. A calibration plants defects of the harness by wrapping it. */
  measure?: typeof run
  /** Aborts when the calibration is to end: runs are cut off, and no further one begins. */
  stop?: AbortSignal
}

/** Signals that end a trial early: gracefully, or at once. */
export interface TrialEnds {
  signal?: AbortSignal
  kill?: AbortSignal
}

/** How much each check does. */
export interface CheckSizes {
  /** Requests for each fault of requests. Faults that take time get a tenth of it. */
  requests: number
  /** Delays of each distribution: a multiple of four, and at least 500 for a p99. */
  draws: number
  /** Events of each stream. Each room gets a quarter of it. */
  events: number
  /** Connections for each fault of connections. */
  connections: number
  /** Requests for each preset. Presets for streams get as many messages for each of a few consumers. */
  presetRequests: number
  /** Time for which streams of presets are read: enough for delayed messages to arrive. */
  readForMs: number
  /** How often each station with the discipline `random` chooses. */
  rounds: number
  /** Time for which the knee is observed. */
  kneeMs: number
  /** Length of the run for each queueing model: the longer, the narrower the intervals. */
  stationMs: number
}

export interface CheckOptions extends TrialOptions, CheckSizes {
  /** Level of each interval. */
  level: number
  /** Order in which keys are sent, on which no decision may depend. */
  order: 'forward' | 'backward'
}

/** Sets fault rules of the target while it is used, and removes them afterwards. */
export async function withRules<T>(
  options: TrialOptions,
  rules: readonly FaultRule[],
  use: (control: ControlPlane) => Promise<T>,
): Promise<T> {
  const control = new ControlPlane(options)
  for (const rule of rules) await control.send('PUT', `/faults/${rule.id}`, rule)
  try {
    return await use(control)
  } finally {
    for (const { id } of inOrderOfRemoval(rules)) await control.send('DELETE', `/faults/${id}`)
  }
}

/** Returns what a rule has done since it was set. */
export function ruleReport(control: ControlPlane, id: string): Promise<FaultRuleReport> {
  return control.send('GET', `/faults/${id}`)
}

export async function stationReport(control: ControlPlane, name: string): Promise<StationReport> {
  const { stations } = await control.send<CapacityReport>('GET', '/capacity')
  const station = stations.find(station => station.name === name)
  if (station === undefined) throw new Error(`the target has no station ${name}; did another client change its rules?`)
  return station
}

/** Returns the result of a run without warm-up, and its ledger. @throws Error when the run was not completed, or with the reason of `stop`. */
export async function trial(
  options: TrialOptions,
  name: string,
  definition: Scenario,
  ends: TrialEnds = {},
): Promise<{ result: IncompleteResult; ledger: LedgerReport }> {
  const never = new AbortController().signal
  const { clock, seed, targetUrl, version, engine, measure = run, stop = never } = options
  const { signal = never, kill = never } = ends
  stop.throwIfAborted()
  const result = await measure(createPlan(definition, name, { seed, engine, tags: {}, warmup: 0 }), {
    clock,
    signal,
    kill: AbortSignal.any([kill, stop]),
    targetUrl,
    embedded: false,
    version,
  })
  stop.throwIfAborted()
  // Some faults refuse every request of a trial.
  const expected = ['completed', 'nothing_succeeded', ...(signal.aborted || kill.aborted ? ['interrupted'] : [])]
  if (!expected.includes(result.outcome.state)) {
    throw new Error(`the run ${name} was not completed: ${result.outcome.detail}`)
  }
  return { result, ledger: await readSettledLedger(options, result.run.id) }
}
