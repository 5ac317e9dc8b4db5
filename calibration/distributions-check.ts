import type { DistributionValue } from '../contract/distribution.ts'
import { parseDistribution } from '../contract/parse-distribution.ts'
import type { Distribution } from '../core/distribution.ts'
import { Histogram } from '../core/histogram.ts'
import { normalQuantile } from '../core/normal.ts'
import { type HttpResponse, scenario, user } from '../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from './check-row.ts'
import { Decisions } from './decisions.ts'
import { FaultsClient } from './faults-client.ts'
import { trial, type TrialOptions } from './trial.ts'

/** Continuous ones, with a mean of some ms. */
const continuous: Record<string, DistributionValue> = {
  uniform: { type: 'uniform', min: 5, max: 25 },
  normal: { type: 'normal', mean: 20, sd: 5 },
  'lognormal (median, p99)': { type: 'lognormal', median: 8, p99: 60 },
  'lognormal (mu, sigma)': { type: 'lognormal', mu: 2, sigma: 0.7 },
  exponential: { type: 'exponential', mean: 12 },
  'exponential, max': { type: 'exponential', mean: 12, max: 30 },
  pareto: { type: 'pareto', shape: 5, scale: 8 },
  gamma: { type: 'gamma', shape: 2.5, scale: 4 },
  weibull: { type: 'weibull', shape: 1.5, scale: 12 },
  bimodal: {
    type: 'bimodal',
    fast: { type: 'normal', mean: 5, sd: 1 },
    slow: { type: 'exponential', mean: 40 },
    slowShare: 0.1,
  },
  mixture: {
    type: 'mixture',
    components: [
      { weight: 3, distribution: { type: 'uniform', min: 2, max: 6 } },
      { weight: 1, distribution: { type: 'gamma', shape: 4, scale: 5 } },
    ],
  },
  empirical: { type: 'empirical', percentiles: { p0: 2, p50: 6, p90: 20, p99: 50, p100: 80 } },
}
const FIXED_MS = 7
const TRACE_MS = [3, 9, 4, 6]
/** Those that draw nothing by chance: each time is one of these, each equally often. */
const certain: Record<string, { value: DistributionValue; timesMs: number[] }> = {
  fixed: { value: { type: 'fixed', value: FIXED_MS }, timesMs: [FIXED_MS] },
  replay: { value: { type: 'replay', trace: TRACE_MS, loop: true }, timesMs: TRACE_MS },
}
const distributions: Record<string, DistributionValue> = {
  ...continuous,
  ...Object.fromEntries(Object.entries(certain).map(([name, { value }]) => [name, value])),
}

const CLIENTS = 50
/** `Server-Timing` is told to the microsecond. */
const ROUNDING_MS = 0.0011

export interface DistributionsCheckOptions extends TrialOptions {
  /** Delays of each distribution; a multiple of four, and 500 at least for a p99. */
  draws: number
  /** Of each interval. */
  level: number
}

export interface DistributionsCheck {
  rows: CheckRow[]
  decisions: Decisions
  /** How much longer delays were than planned. */
  late: Histogram
}

/** Holds the delays that a target drew, and those it made, against what their distributions say. Takes `http.serverTiming`. */
export async function checkDistributions(options: DistributionsCheckOptions): Promise<DistributionsCheck> {
  const { draws, level } = options
  const names = Object.keys(distributions)
  const faults = new FaultsClient(options)
  const ruleIds = names.map((_, index) => `distribution-${index}`)
  for (const [index, id] of ruleIds.entries()) {
    await faults.set({
      id,
      match: { header: { 'x-distribution': id } },
      fault: { type: 'delay', distribution: distributions[names[index]!]! },
    })
  }
  const plannedMs = new Map<string, number[]>(ruleIds.map(id => [id, []]))
  const decisions = new Decisions()
  const late = new Histogram()
  let early = 0
  let next = 0
  try {
    await trial(
      options,
      'distributions',
      scenario({
        load: { executor: 'shared-iterations', vus: CLIENTS, iterations: draws * names.length, maxDuration: '10m' },
        users: [
          user('client', {
            async iterate({ http }) {
              const ordinal = next++
              const id = ruleIds[ordinal % ruleIds.length]!
              const key = `${id}-${Math.floor(ordinal / ruleIds.length)}`
              const headers = { 'x-distribution': id, 'x-loadcell-exchange': key }
              const times = timesOf(await http.get('/healthz', { headers, name: id }))
              plannedMs.get(id)!.push(times.plannedMs)
              // A replay goes by the order in which requests come, not by their keys.
              if (names[ruleIds.indexOf(id)] !== 'replay') decisions.note(key, String(times.plannedMs))
              if (times.actualMs + ROUNDING_MS < times.plannedMs) early += 1
              late.record(Math.max(0, times.actualMs - times.plannedMs))
            },
          }),
        ],
      }),
    )
  } finally {
    for (const id of ruleIds) await faults.remove(id)
  }
  const rows = names.flatMap((name, index) => {
    const drawn = plannedMs.get(ruleIds[index]!)!
    const known = certain[name]
    return known === undefined
      ? continuousRows(name, parseDistribution(distributions[name]!), drawn, level)
      : certainRows(name, known.timesMs, drawn, draws)
  })
  return { rows: [...rows, exactRow('delays that were shorter than planned', 0, early)], decisions, late }
}

function timesOf({ status, failure, headers }: HttpResponse): { plannedMs: number; actualMs: number } {
  const told = /planned-delay;dur=([\d.]+), delay;dur=([\d.]+)/.exec(String(headers['server-timing']))
  if (told !== null) return { plannedMs: Number(told[1]), actualMs: Number(told[2]) }
  throw new Error(`an answer (${failure ?? status}) does not tell its delays: the target needs http.serverTiming`)
}

function continuousRows(
  name: string,
  distribution: Distribution,
  drawnMs: readonly number[],
  level: number,
): CheckRow[] {
  const sorted = drawnMs.toSorted((a, b) => a - b)
  return [
    checkRow(`${name}: mean`, 'ms', { theory: distribution.meanMs, ...meanOf(sorted, level) }),
    ...[0.5, 0.99].map(q =>
      checkRow(`${name}: p${q * 100}`, 'ms', { theory: distribution.quantile(q), ...quantileOf(sorted, q, level) }),
    ),
    distanceRow(name, distribution, sorted, level),
  ]
}

function meanOf(values: readonly number[], level: number): Pick<CheckRow, 'observed' | 'interval'> {
  const { length } = values
  const mean = values.reduce((sum, value) => sum + value, 0) / length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1)
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(variance / length)
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

function certainRows(name: string, timesMs: number[], drawnMs: readonly number[], draws: number): CheckRow[] {
  return timesMs.map(time =>
    exactRow(`${name}: delays of ${time} ms`, draws / timesMs.length, drawnMs.filter(drawn => drawn === time).length),
  )
}
