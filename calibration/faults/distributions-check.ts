import { parseDistribution } from '../../core/distributions/parse.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { Histogram } from '../../core/histogram.ts'
import { normalQuantile } from '../../core/normal.ts'
import { squaredVariation } from '../../core/queueing.ts'
import { type HttpResponse, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from '../check-row.ts'
import { Decisions } from './decisions.ts'
import { type DelayTimes, lengthRows } from './delay-lengths.ts'
import { type DistributionCase, distributionCases } from './distribution-cases.ts'
import { FaultsClient } from '../faults-client.ts'
import { trial, type TrialOptions } from '../trial.ts'

const CLIENTS = 50

export interface DistributionsCheckOptions extends TrialOptions {
  /** Delays of each distribution; a multiple of four, and 500 at least for a p99. */
  draws: number
  /** Level of each interval. */
  level: number
  /** The order in which the keys are sent: the times drawn for them must be the same. */
  order: 'forward' | 'backward'
}

export interface DistributionsCheck {
  rows: CheckRow[]
  decisions: Decisions
  /** How much longer delays were than planned, by the target’s own account. */
  late: Histogram
}

/** Holds the delays that a target drew, and those it made, against what their distributions say. Takes `http.serverTiming`. */
export async function checkDistributions(options: DistributionsCheckOptions): Promise<DistributionsCheck> {
  const { draws, level, order } = options
  const faults = new FaultsClient(options)
  const ruleIds = distributionCases.map((_, index) => `distribution-${index}`)
  for (const [index, id] of ruleIds.entries()) {
    await faults.set({
      id,
      match: { header: { 'x-distribution': id } },
      fault: { type: 'delay', distribution: distributionCases[index]!.value },
    })
  }
  const plannedMs: number[][] = ruleIds.map(() => [])
  const delays: DelayTimes[] = []
  const decisions = new Decisions()
  const total = draws * ruleIds.length
  let next = 0
  try {
    await trial(
      options,
      'distributions',
      scenario({
        load: { executor: 'shared-iterations', vus: CLIENTS, iterations: total, maxDuration: '10m' },
        users: [
          user('client', {
            async iterate({ http }) {
              const sent = next++
              const ordinal = order === 'forward' ? sent : total - 1 - sent
              const index = ordinal % ruleIds.length
              const id = ruleIds[index]!
              const key = `${id}-${Math.floor(ordinal / ruleIds.length)}`
              const headers = { 'x-distribution': id, 'x-loadcell-exchange': key }
              const times = timesOf(await http.get('/healthz', { headers, name: id }))
              plannedMs[index]!.push(times.plannedMs)
              delays.push(times)
              if (!isInOrder(distributionCases[index]!)) decisions.note(key, String(times.plannedMs))
            },
          }),
        ],
      }),
    )
  } finally {
    for (const id of ruleIds) await faults.remove(id)
  }
  const rows = distributionCases.flatMap((tested, index) => rowsOf(tested, plannedMs[index]!, level))
  const late = new Histogram()
  for (const { plannedMs, actualMs } of delays) late.record(Math.max(0, actualMs - plannedMs))
  return { rows: [...rows, ...lengthRows(delays)], decisions, late }
}

/** A replay goes by the order in which requests come, not by their keys. */
function isInOrder({ value }: DistributionCase): boolean {
  return typeof value === 'object' && value.type === 'replay'
}

function timesOf({ status, failure, headers, durationMs }: HttpResponse): DelayTimes {
  const told = /planned-delay;dur=([\d.]+), delay;dur=([\d.]+)/.exec(String(headers['server-timing']))
  if (told !== null) return { plannedMs: Number(told[1]), actualMs: Number(told[2]), seenMs: durationMs }
  throw new Error(`an answer (${failure ?? status}) does not tell its delays: the target needs http.serverTiming`)
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
    distanceRow(name, distribution, sorted, level),
  ]
}

/** By the deviation that it should have: of few draws those that are rare may all be missing, and with them the spread. */
function meanOf(
  values: readonly number[],
  distribution: Distribution,
  level: number,
): Pick<CheckRow, 'observed' | 'interval'> {
  const { length } = values
  const mean = values.reduce((sum, value) => sum + value, 0) / length
  const deviation = distribution.meanMs * Math.sqrt(squaredVariation(distribution))
  const reach = (normalQuantile((1 + level) / 2) * deviation) / Math.sqrt(length)
  return { observed: mean, interval: { level, low: mean - reach, high: mean + reach } }
}

/** Between two order statistics: how many draws lie below a quantile is binomial, whatever the distribution. */
function quantileOf(sorted: readonly number[], q: number, level: number): Pick<CheckRow, 'observed' | 'interval'> {
  const { length } = sorted
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(length * q * (1 - q))
  const low = sorted[Math.max(0, Math.floor(length * q - reach) - 1)]!
  // Past the largest nothing is known.
  const high = sorted[Math.ceil(length * q + reach)] ?? Number.POSITIVE_INFINITY
  return { observed: sorted[Math.ceil(length * q) - 1]!, interval: { level, low, high } }
}

/** Kolmogorov and Smirnov's distance, and the bound of Dvoretzky, Kiefer, Wolfowitz and Massart. */
function distanceRow(name: string, distribution: Distribution, sorted: readonly number[], level: number): CheckRow {
  const { length } = sorted
  const distance = sorted.reduce((most, value, index) => {
    const share = distribution.cdf(value)
    return Math.max(most, share - index / length, (index + 1) / length - share)
  }, 0)
  const reach = Math.sqrt(Math.log(2 / (1 - level)) / (2 * length))
  const interval = { level, low: Math.max(0, distance - reach), high: distance + reach }
  return checkRow(`${name}: largest distance to its function`, 'share', { theory: 0, observed: distance, interval })
}
