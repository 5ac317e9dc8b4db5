import { Type, type Static } from 'typebox'
import { checker } from '../../../core/check.ts'
import { checkedJson, parseJson } from '../reading/json-source.ts'
import { beginningOf, textOf } from '../reading/source-text.ts'
import type { ReportSource } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'
import { errorsByRequest, type RequestErrors } from './locust-csv.ts'

const FORMAT = 'the JSON of Locust (--json-file or --json)'
const PERCENTILES = [50, 75, 90, 95, 99, 99.9]

const Count = Type.Integer({ minimum: 0 })
const LocustEntry = Type.Object({
  name: Type.String(),
  method: Type.Union([Type.String(), Type.Null()]),
  start_time: Type.Number(),
  last_request_timestamp: Type.Union([Type.Number(), Type.Null()]),
  num_requests: Count,
  num_none_requests: Count,
  num_failures: Count,
  total_response_time: Type.Number({ minimum: 0 }),
  max_response_time: Type.Number({ minimum: 0 }),
  min_response_time: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  total_content_length: Type.Number(),
  /** Rounded response times in ms, and how often each came. */
  response_times: Type.Record(Type.String(), Count),
})
type LocustEntry = Static<typeof LocustEntry>

const entries = checker(Type.Array(LocustEntry))

export function isLocustJson(source: ReportSource): boolean {
  return beginningOf(source).includes('"num_none_requests"')
}

/** Reads Locust's JSON, with error texts from its CSV files if they are there. */
export function readLocustJson(source: ReportSource, tables: readonly ReportSource[]): ToolReport {
  const parsed = parseJson(withoutPrints(textOf(source)), source.name, FORMAT)
  const requests = checkedJson(parsed, source.name, FORMAT, entries)
  const errors = errorsByRequest(tables)
  const startedAt = 1000 * Math.min(...requests.map(({ start_time }) => start_time))
  const endedAt = 1000 * Math.max(...requests.map(({ last_request_timestamp }) => last_request_timestamp ?? 0))
  return {
    tool: 'locust',
    sources: [source, ...tables].map(({ name }) => name),
    ...(requests.length > 0 && { startedAt, endedAt, durationMs: endedAt - startedAt }),
    rows: requests.map(entry => rowOf(entry, errors)),
    total: { ...sumOf(requests), name: '' },
    remarks: ['percentiles are read here from Locust’s rounded response times, as Locust reads them'],
  }
}

/** A script may print before Locust prints its JSON. */
function withoutPrints(text: string): string {
  const begin = text.lastIndexOf('\n[\n')
  return text.startsWith('[') || begin === -1 ? text : text.slice(begin + 1)
}

function rowOf(entry: LocustEntry, errors: RequestErrors): ToolRow {
  const { name, method } = entry
  const known = errors.get(`${method ?? ''} ${name}`)
  return { ...sumOf([entry]), name, ...(method && { method }), ...(known && { errors: known }) }
}

function sumOf(requests: readonly LocustEntry[]): Omit<ToolRow, 'name'> {
  const sum = (of: (entry: LocustEntry) => number) => requests.reduce((total, entry) => total + of(entry), 0)
  const timed = sum(({ num_requests, num_none_requests }) => num_requests - num_none_requests)
  return {
    requests: sum(({ num_requests }) => num_requests),
    failures: sum(({ num_failures }) => num_failures),
    receivedBytes: sum(({ total_content_length }) => total_content_length),
    ...(timed > 0 && { latency: latencyOf(requests, timed) }),
  }
}

function latencyOf(requests: readonly LocustEntry[], timed: number): ToolLatency {
  const times = new Map<number, number>()
  for (const { response_times } of requests) {
    for (const [timeMs, count] of Object.entries(response_times))
      times.set(Number(timeMs), (times.get(Number(timeMs)) ?? 0) + count)
  }
  const descending = [...times].sort(([a], [b]) => b - a)
  return {
    meanMs: requests.reduce((sum, { total_response_time }) => sum + total_response_time, 0) / timed,
    minMs: Math.min(...requests.map(({ min_response_time }) => min_response_time ?? Infinity)),
    maxMs: Math.max(...requests.map(({ max_response_time }) => max_response_time)),
    percentiles: PERCENTILES.map(percentile => ({ percentile, valueMs: percentileOf(descending, timed, percentile) })),
  }
}

/** Counts from the slowest down, as Locust's `calculate_response_time_percentile` does. */
function percentileOf(descending: readonly [number, number][], timed: number, percentile: number): number {
  const below = Math.floor((timed * percentile) / 100)
  let seen = 0
  for (const [valueMs, count] of descending) {
    seen += count
    if (timed - seen <= below) return valueMs
  }
  return 0
}
