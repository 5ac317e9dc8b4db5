import type { IncompleteResult } from '../results/complete.ts'
import type { ValidityFinding } from '../results/run-result.ts'
import { perSecond } from '../results/totals.ts'
import { summarise } from '../results/trend-summary.ts'
import { ARRIVALS_QUESTION, MOST_SEND_DELAY_MS, SENDING_QUESTION } from '../results/validity.ts'
import { Snapshot } from '../metrics/snapshot.ts'
import { judge } from '../thresholds/judge.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import type { CapacityProbe } from './capacity-result.ts'
import { type Margin, marginOf, NOTHING_MEASURED, partOf } from './margin.ts'
import type { ProbeSecond } from './probe-seconds.ts'
import { CLEAR } from './search.ts'
import { type Steadiness, steadinessOf } from './steadiness.ts'

/** A probe that was run, before its meaning is known. */
export interface FinishedProbe {
  load: number
  purpose: CapacityProbe['purpose']
  slo: readonly Threshold[]
  /** Seconds after the users had started, up to the end of the schedule. */
  seconds: readonly ProbeSecond[]
  result: IncompleteResult
  /** Whether an earlier probe met the objective: a scenario that works at less load is not broken. */
  isKnownToWork: boolean
}

/** The margin of a service whose queue grows: it fails sooner or later, whatever its first seconds look like. */
const GROWING: Margin = { value: -1.5, error: 0.5, degrees: 10 }
/** A queue grows when so much more arrives than is completed: a share, and standard errors of a count. */
const GROWTH = { share: 0.02, errors: 3 }
/** Response times count from when requests were due, so late ones would look like a slow target. */
const LATE_PERCENTILE = 95
/** Number of operations kept, most requests first. */
const MOST_OPERATIONS = 100

/** Returns what a probe shows. Pure. */
export function evaluateProbe(probe: FinishedProbe): CapacityProbe {
  const { load, purpose, slo, result } = probe
  const steadiness = steadinessOf(probe.seconds.map(({ samples }) => samples.histogram('http_req_duration').meanMs))
  const seconds = probe.seconds.slice(steadiness.cut)
  const samples = merged(seconds)
  const measuredMs = seconds.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
  const requests = samples.total('http_reqs')
  const service = samples.histogram('http_req_service_time')
  const { doubts, margin, state } = judgementOf(probe, seconds, steadiness)
  return {
    load,
    purpose,
    state,
    measuredMs,
    steadiness,
    ...(margin !== undefined && { margin }),
    slo: slo.map(condition => judge(condition, samples, measuredMs)),
    outcome: result.outcome,
    runId: result.run.id,
    iterationsPerSecond: perSecond(samples.total('iterations'), measuredMs),
    requestsPerSecond: perSecond(requests, measuredMs),
    failedShare: requests === 0 ? 0 : samples.hits('http_req_failed') / requests,
    // Little's law.
    concurrency: measuredMs === 0 ? 0 : service.sumMs / measuredMs,
    response: summarise(samples.histogram('http_req_duration')),
    operations: operationsOf(samples),
    doubts,
  }
}

function merged(seconds: readonly ProbeSecond[]): Snapshot {
  const sum = new Snapshot()
  for (const { samples } of seconds) sum.absorb(samples)
  return sum
}

interface ProbeJudgement extends Pick<CapacityProbe, 'state' | 'doubts'> {
  margin?: Margin
}

function judgementOf(probe: FinishedProbe, seconds: readonly ProbeSecond[], steadiness: Steadiness): ProbeJudgement {
  const { result, slo, isKnownToWork } = probe
  const { state } = result.outcome
  const doubts = [...doubtsOf(result), ...lateFindings(result, merged(seconds))]
  const isBroken = state === 'scenario_failed' && !(isKnownToWork && result.totals.requests > 0)
  if (state === 'interrupted' || state === 'target_lost' || state === 'target_unreachable' || isBroken)
    return { state: 'ended', doubts }
  if (state === 'machine_exhausted' || state === 'worker_lost') return { state: 'generator_limit', doubts }
  const parts = slo.map(condition =>
    seconds.map(({ samples, fromMs, toMs }) => partOf(condition, samples, (toMs - fromMs) / 1000)),
  )
  const nothing = state === 'nothing_succeeded' || state === 'scenario_failed'
  const measured = nothing ? NOTHING_MEASURED : marginOf(slo, parts)
  const isGrowing = steadiness.state === 'rising' && grows(seconds)
  const margin = isGrowing && measured.value > GROWING.value ? GROWING : measured
  // Arrivals without a user are the target's fault if it was too slow anyway.
  const decisive = doubts.filter(({ question }) => question !== ARRIVALS_QUESTION || margin.value >= 0)
  if (decisive.length > 0) return { state: 'generator_limit', doubts }
  if (isGrowing) return { state: 'growing', doubts, margin }
  if (Math.abs(margin.value) < CLEAR * margin.error) return { state: 'unclear', doubts, margin }
  return { state: margin.value >= 0 ? 'meets' : 'fails', doubts, margin }
}

/** Returns the doubts about the generator. Clocks that differ do not slow it down. */
function doubtsOf({ validity: { state, findings } }: IncompleteResult): ValidityFinding[] {
  return state === 'valid' ? [] : findings.filter(finding => finding.state === 'doubtful' && finding.cause !== 'clocks')
}

/** Judges the delay of a whole probe, which is too short to have many bad seconds. */
function lateFindings({ validity: { findings } }: IncompleteResult, samples: Snapshot): ValidityFinding[] {
  const delayMs = samples.histogram('send_delay').percentile(LATE_PERCENTILE)
  const known = findings.find(({ question }) => question === SENDING_QUESTION)
  if (known === undefined || known.state === 'doubtful' || delayMs <= MOST_SEND_DELAY_MS) return []
  const observed = `p${LATE_PERCENTILE} of the delay ${Number(delayMs.toPrecision(3))} ms`
  return [{ ...known, state: 'doubtful', observed, limit: `at most ${MOST_SEND_DELAY_MS} ms` }]
}

function grows(seconds: readonly ProbeSecond[]): boolean {
  const offered = seconds.reduce((sum, second) => sum + second.offered, 0)
  const ended = seconds.reduce(
    (sum, { samples }) => sum + samples.total('iterations') + samples.total('iterations_failed'),
    0,
  )
  return offered > 0 && offered - ended > Math.max(GROWTH.share * offered, GROWTH.errors * Math.sqrt(offered))
}

function operationsOf(samples: Snapshot): CapacityProbe['operations'] {
  const names = new Map(
    samples
      .select('http_reqs')
      .map(({ tags: { method = '', name = '' } }) => [JSON.stringify([method, name]), { method, name }]),
  )
  return [...names.values()]
    .map(({ method, name }) => {
      const selector = method === '' ? { name } : { method, name }
      const response = samples.histogram('http_req_duration', selector)
      return {
        name,
        method,
        requests: samples.total('http_reqs', selector),
        failed: samples.hits('http_req_failed', selector),
        p50Ms: response.percentile(50),
        p95Ms: response.percentile(95),
      }
    })
    .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_OPERATIONS)
}
