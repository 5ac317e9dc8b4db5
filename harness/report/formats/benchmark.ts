import type { RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatPercentiles } from '../quantity.ts'
import { hasPercentile } from '../../results/spectrum.ts'

const NANOSECONDS_PER_MS = 1e6

interface BenchmarkTime {
  name: string
  percentile: string
  valueMs: number
  response: TrendSummary
}

/** Returns the response times, and the trends of the scenario of which less is better, for github-action-benchmark: `customSmallerIsBetter`. */
export function smallerIsBetterJson(result: RunResult): string {
  const times = timesOf(result).map(({ name, percentile, valueMs, response }) => ({
    name: `${name} ${percentile}`,
    unit: 'ms',
    value: valueMs,
    extra: `${formatPercentiles(response).join(', ')}; ${response.count} samples`,
  }))
  const own = (result.customMetrics ?? []).flatMap(({ name, unit, better, figures }) =>
    figures.kind === 'trend' && better === 'lower' && figures.count > 0
      ? [{ name: `${name} mean`, unit, value: figures.mean, extra: `${figures.count} samples` }]
      : [],
  )
  const { requests, failedRequests } = result.totals
  const failed = requests === 0 ? [] : [{ name: 'failed requests', unit: 'requests', value: failedRequests }]
  return `${JSON.stringify([...times, ...own, ...failed], null, 2)}\n`
}

/** Returns response times in ns and request rates per second in the Bencher Metric Format. */
export function bencherJson(result: RunResult): string {
  const { totals, names } = result
  const times = timesOf(result).map(({ name, percentile, valueMs }) => [
    clippedName(`${name} ${percentile}`),
    { latency: { value: valueMs * NANOSECONDS_PER_MS } },
  ])
  const rows =
    totals.requests === 0 ? [] : [{ ...totals, name: ALL }, ...names.map(row => ({ ...row, name: nameOf(row) }))]
  const rates = rows.map(({ name, requestsPerSecond }) => [
    clippedName(name),
    { throughput: { value: requestsPerSecond } },
  ])
  return `${JSON.stringify(Object.fromEntries([...times, ...rates]), null, 2)}\n`
}

const ALL = 'all requests'
/** Longest name of a benchmark in Bencher. */
const LONGEST_NAME = 1024

/** Returns the percentiles of each request that have enough samples. */
function timesOf({ totals, names }: RunResult): BenchmarkTime[] {
  const rows = [
    { name: ALL, response: totals.response },
    ...names.map(row => ({ name: nameOf(row), response: row.response })),
  ]
  return rows.flatMap(({ name, response }) =>
    (
      [
        ['p50', 50, response.p50Ms],
        ['p95', 95, response.p95Ms],
        ['p99', 99, response.p99Ms],
      ] as const
    )
      .filter(([, percentile]) => hasPercentile(response.count, percentile))
      .map(([label, , valueMs]) => ({ name, percentile: label, valueMs, response })),
  )
}

function nameOf({ method, name }: { method: string; name: string }): string {
  return `${method} ${name}`.trim()
}

function clippedName(name: string): string {
  return name.slice(0, LONGEST_NAME).toWellFormed()
}
