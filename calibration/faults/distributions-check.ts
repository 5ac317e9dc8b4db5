import type { FaultRule } from '../../contract/faults/rule.ts'
import { parseDistribution } from '../../core/distributions/parse.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { Histogram } from '../../core/histogram.ts'
import { normalQuantile } from '../../core/normal.ts'
import { squaredVariation } from '../../core/queueing.ts'
import { type HttpResponse, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, normalEstimate } from '../check-row.ts'
import { distanceRow } from '../distance-row.ts'
import { Decisions } from './decisions.ts'
import { type DelayTimes, lengthRows } from './delay-lengths.ts'
import { type DistributionCase, distributionCases } from './distribution-cases.ts'
import { type CheckOptions, trial, withRules } from '../trial.ts'

const CLIENTS = 50

export interface DistributionsCheck {
  rows: CheckRow[]
  decisions: Decisions
  /** How much longer delays were than planned, as the target measured them. */
  late: Histogram
}

/** Compares the delays that the target drew and applied with their distributions. It needs `http.serverTiming`. */
export async function checkDistributions(options: CheckOptions): Promise<DistributionsCheck> {
  const { draws, level, order } = options
  const rules = distributionCases.map(({ value }, index): FaultRule => {
    const id = `distribution-${index}`
    return { id, match: { header: { 'x-distribution': id } }, fault: { type: 'delay', distribution: value } }
  })
  const plannedMs: number[][] = rules.map(() => [])
  const delays: DelayTimes[] = []
  const decisions = new Decisions()
  const total = draws * rules.length
  let next = 0
  const client = user('client', {
    async iterate({ http }) {
      const sent = next++
      const ordinal = order === 'forward' ? sent : total - 1 - sent
      const index = ordinal % rules.length
      const { id } = rules[index]!
      const key = `${id}-${Math.floor(ordinal / rules.length)}`
      const headers = { 'x-distribution': id, 'x-loadcell-exchange': key }
      const times = timesOf(await http.get('/healthz', { headers, name: id }))
      plannedMs[index]!.push(times.plannedMs)
      delays.push(times)
      if (!isInOrder(distributionCases[index]!)) decisions.note(key, String(times.plannedMs))
    },
  })
  const load = { executor: 'shared-iterations', vus: CLIENTS, iterations: total, maxDuration: '10m' } as const
  await withRules(options, rules, () => trial(options, 'distributions', scenario({ load, users: [client] })))
  const rows = distributionCases.flatMap((tested, index) => rowsOf(tested, plannedMs[index]!, level))
  const late = new Histogram()
  for (const { plannedMs, actualMs } of delays) late.record(Math.max(0, actualMs - plannedMs))
  return { rows: [...rows, ...lengthRows(delays)], decisions, late }
}

/** Tells whether the times depend on the order of requests, as in a replay, and not on their keys. */
function isInOrder({ value }: DistributionCase): boolean {
  return typeof value === 'object' && value.type === 'replay'
}

function timesOf({ status, failure, headers, durationMs }: HttpResponse): DelayTimes {
  const told = /planned-delay;dur=([\d.]+), delay;dur=([\d.]+)/.exec(String(headers['server-timing']))
  if (told !== null) return { plannedMs: Number(told[1]), actualMs: Number(told[2]), seenMs: durationMs }
  throw new Error(
    `an answer (${failure ?? status}) has no delays in Server-Timing: set http.serverTiming of the target`,
  )
}

function rowsOf({ name, value, times }: DistributionCase, drawnMs: readonly number[], level: number): CheckRow[] {
  if (times === undefined) return continuousRows(name, parseDistribution(value), drawnMs, level)
  return Array.from(times(drawnMs.length), ([time, count]) =>
    exactRow(`${name}: delays of ${time} ms`, count, drawnMs.filter(drawn => drawn === time).length),
  )
}

function continuousRows(
  name: string,
  distribution: Distribution,
  drawnMs: readonly number[],
  level: number,
): CheckRow[] {
  const sorted = drawnMs.toSorted((a, b) => a - b)
  return [
    checkRow(`${name}: mean`, 'ms', { theory: distribution.meanMs, ...meanOf(sorted, distribution, level) }),
    ...[0.5, 0.99].map(q =>
      checkRow(`${name}: p${q * 100}`, 'ms', { theory: distribution.quantile(q), ...quantileOf(sorted, q, level) }),
    ),
    distanceRow(`${name}: largest distance to its function`, distribution, sorted, level),
  ]
}

/** Uses the theoretical deviation, because a small sample may contain no rare values and then underestimates the spread. */
function meanOf(values: readonly number[], distribution: Distribution, level: number) {
  const { length } = values
  const mean = values.reduce((sum, value) => sum + value, 0) / length
  const deviation = distribution.meanMs * Math.sqrt(squaredVariation(distribution))
  return normalEstimate(mean, deviation / Math.sqrt(length), level)
}

/** The interval is between two order statistics: the number of draws below a quantile is binomial for any distribution. */
function quantileOf(sorted: readonly number[], q: number, level: number): Pick<CheckRow, 'observed' | 'interval'> {
  const { length } = sorted
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(length * q * (1 - q))
  const low = sorted[Math.max(0, Math.floor(length * q - reach) - 1)]!
  // Nothing is known above the largest draw.
  const high = sorted[Math.ceil(length * q + reach)] ?? Number.POSITIVE_INFINITY
  return { observed: sorted[Math.ceil(length * q) - 1]!, interval: { level, low, high } }
}
