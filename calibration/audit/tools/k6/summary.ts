import { Type } from 'typebox'
import { checker } from '../../../../core/check.ts'
import { ReportError, type ReportSource } from '../../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../../tool-report.ts'
import { readJsonSource } from '../../reading/json-source.ts'
import { beginningOf, endOf } from '../../reading/source-text.ts'
import { failedChecksIn } from './checks.ts'

const FORMAT = 'a summary of k6 (--summary-export, or the data of handleSummary() as JSON)'

const metric = Type.Record(Type.String(), Type.Unknown())
const json = checker(
  Type.Object({
    root_group: Type.Optional(Type.Unknown()),
    metrics: Type.Record(Type.String(), metric),
    options: Type.Optional(Type.Object({ summaryTimeUnit: Type.Optional(Type.String()) })),
    state: Type.Optional(Type.Object({ testRunDurationMs: Type.Optional(Type.Number({ minimum: 0 })) })),
  }),
)

type Numbers = Record<string, number>

/** Returns whether a source looks like a summary, whose metrics come first or last. */
export function isSummary(source: ReportSource): boolean {
  const text = beginningOf(source) + endOf(source)
  return (
    /^\s*\{/.test(text) &&
    /"metrics"\s*:|"root_group"\s*:/.test(text) &&
    /"(http_reqs|http_req_duration|iterations|iteration_duration|vus|data_received)[^"]*"\s*:\s*\{/.test(text)
  )
}

/** Times are ms in both forms of the summary; a script may ask for another unit in what k6 prints only. */
export function readSummary(source: ReportSource): Omit<ToolReport, 'tool' | 'sources'> {
  const { metrics, state, root_group: group } = readJsonSource(source, FORMAT, json)
  const total = rowOf('', numbersOf(metrics, 'http_reqs'), numbersOf(metrics, 'http_req_duration'))
  if (total === undefined) {
    throw new ReportError(
      `${source.name}: expected the metric http_reqs in ${FORMAT}, got ${Object.keys(metrics).slice(0, 20).join(', ') || 'no metric'}. The script sent no HTTP request.`,
    )
  }
  const failed = numbersOf(metrics, 'http_req_failed')
  if (failed?.['passes'] !== undefined) total.failures = failed['passes']
  const [received, sent] = [numbersOf(metrics, 'data_received')?.['count'], numbersOf(metrics, 'data_sent')?.['count']]
  if (received !== undefined) total.receivedBytes = received
  if (sent !== undefined) total.sentBytes = sent
  const { testRunDurationMs } = state ?? {}
  const failedChecks = failedChecksIn(group)
  const failedThresholds = failedThresholdsIn(metrics)
  return {
    ...(testRunDurationMs === undefined ? {} : { durationMs: testRunDurationMs }),
    rows: rowsOf(metrics),
    total,
    ...(failedChecks !== undefined && { failedChecks }),
    ...(failedThresholds.length > 0 && { failedThresholds }),
    remarks: ['bytes are those of all connections, WebSockets included'],
  }
}

/** Returns the rows of the submetrics that thresholds on a name make: `http_reqs{name:login}`. */
function rowsOf(metrics: Record<string, Record<string, unknown>>): ToolRow[] {
  return Object.keys(metrics).flatMap(key => {
    const [, name] = /^http_reqs\{name:([^,}]+)\}$/.exec(key) ?? []
    if (name === undefined) return []
    const row = rowOf(name, numbersOf(metrics, key), numbersOf(metrics, `http_req_duration{name:${name}}`))
    return row === undefined ? [] : [row]
  })
}

function rowOf(name: string, requests: Numbers | undefined, durations: Numbers | undefined): ToolRow | undefined {
  const { count, rate } = requests ?? {}
  if (count === undefined) return undefined
  const row: ToolRow = { name, requests: count }
  if (rate !== undefined) row.requestsPerSecond = rate
  if (durations !== undefined && count > 0) row.latency = latencyOf(durations)
  return row
}

function latencyOf(durations: Numbers): ToolLatency {
  const { avg, min, max, med } = durations
  const percentiles = Object.entries(durations).flatMap(([key, valueMs]) => {
    const [, percentile] = /^p\((\d+(?:\.\d+)?)\)$/.exec(key) ?? []
    return percentile === undefined ? [] : [{ percentile: Number(percentile), valueMs }]
  })
  if (med !== undefined && !percentiles.some(({ percentile }) => percentile === 50)) {
    percentiles.push({ percentile: 50, valueMs: med })
  }
  return {
    ...(avg === undefined ? {} : { meanMs: avg }),
    ...(min === undefined ? {} : { minMs: min }),
    ...(max === undefined ? {} : { maxMs: max }),
    percentiles: percentiles.sort((a, b) => a.percentile - b.percentile),
  }
}

/** Returns the numbers of a metric, which handleSummary() has below `values`. */
function numbersOf(metrics: Record<string, Record<string, unknown>>, name: string): Numbers | undefined {
  const found = Object.hasOwn(metrics, name) ? metrics[name] : undefined
  const values = found?.['values'] ?? found
  if (typeof values !== 'object' || values === null) return undefined
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/** Returns the thresholds that failed. A summary export says `true` of those, and the data of handleSummary() `"ok": false`. */
function failedThresholdsIn(metrics: Record<string, Record<string, unknown>>): string[] {
  return Object.entries(metrics).flatMap(([name, { thresholds }]) =>
    Object.entries(thresholds ?? {})
      .filter(([, state]: [string, unknown]) => state === true || (state as { ok?: unknown } | null)?.ok === false)
      .map(([expression]) => `${name}: ${expression}`),
  )
}
