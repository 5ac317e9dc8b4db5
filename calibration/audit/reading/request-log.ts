import type { ToolReport, ToolRow, ToolSample } from '../tool-report.ts'
import { Latencies } from './latencies.ts'

/** Samples of a report. Those of a longer log are counted and not kept. */
const MOST_SAMPLES = 1_000_000
/** Names of a report. Requests with further ones are in its total only. */
const MOST_ROWS = 5000

/** Texts of errors, which may hold ports and the like. Further ones are counted as `other`. */
const MOST_ERRORS = 100

/** A line of a tool's log. */
export interface LoggedRequest extends Omit<ToolSample, 'startedAt'> {
  /** Absent where the tool does not say when it was. */
  startedAt?: number
  method?: string
  path?: string
  /** The tool's own text for why there is no response. */
  error?: string
  receivedBytes?: number
}

interface Sums {
  row: ToolRow
  latencies: Latencies
}

/** Counts the requests of a log that has one line a request, by name and altogether. */
export class RequestLog {
  readonly #rows = new Map<string, Sums>()
  readonly #total: Sums = { row: emptyRow(''), latencies: new Latencies() }
  #samples: ToolSample[] | undefined = []
  #startedAt = Number.POSITIVE_INFINITY
  #endedAt = Number.NEGATIVE_INFINITY
  #leftOutOfRows = 0

  add(request: LoggedRequest): void {
    const { name, startedAt, elapsedMs, status, failed } = request
    count(this.#total, request)
    const sums = this.#rowOf(request)
    if (sums === undefined) this.#leftOutOfRows += 1
    else count(sums, request)
    if (startedAt === undefined || this.#total.row.requests > MOST_SAMPLES) {
      this.#samples = undefined
      return
    }
    this.#samples?.push({ name, startedAt, elapsedMs, status, failed })
    this.#startedAt = Math.min(this.#startedAt, startedAt)
    this.#endedAt = Math.max(this.#endedAt, startedAt + elapsedMs)
  }

  /** Returns what the log says, without the name of its tool. */
  report(): Omit<ToolReport, 'tool' | 'sources'> {
    const { requests } = this.#total.row
    const isTimed = Number.isFinite(this.#startedAt)
    return {
      rows: [...this.#rows.values()].map(finished),
      total: finished(this.#total),
      ...(isTimed ? { startedAt: this.#startedAt, endedAt: this.#endedAt } : {}),
      ...(isTimed ? { durationMs: this.#endedAt - this.#startedAt } : {}),
      ...(this.#samples === undefined ? {} : { samples: this.#samples }),
      remarks: [
        'percentiles are computed from the lines of the log',
        ...(requests > MOST_SAMPLES
          ? [`its ${requests} requests are counted, but too many to be kept one by one`]
          : []),
        ...(this.#leftOutOfRows > 0
          ? [`${this.#leftOutOfRows} requests have names beyond the first ${MOST_ROWS}, and are in the total only`]
          : []),
      ],
    }
  }

  #rowOf({ name, method, path }: LoggedRequest): Sums | undefined {
    const key = JSON.stringify([name, method])
    const known = this.#rows.get(key)
    if (known !== undefined || this.#rows.size >= MOST_ROWS) return known
    const row = emptyRow(name)
    if (method !== undefined) row.method = method
    if (path !== undefined) row.path = path
    const sums = { row, latencies: new Latencies() }
    this.#rows.set(key, sums)
    return sums
  }
}

function emptyRow(name: string): ToolRow {
  return { name, requests: 0, failures: 0, statuses: {} }
}

function count({ row, latencies }: Sums, { elapsedMs, status, failed, error, receivedBytes }: LoggedRequest): void {
  row.requests += 1
  if (failed) row.failures = (row.failures ?? 0) + 1
  if (status > 0) increment((row.statuses ??= {}), String(status))
  if (error !== undefined && status === 0) increment((row.errors ??= {}), error)
  if (receivedBytes !== undefined) row.receivedBytes = (row.receivedBytes ?? 0) + receivedBytes
  latencies.add(elapsedMs)
}

function increment(counts: Record<string, number>, key: string): void {
  const isKnown = Object.hasOwn(counts, key)
  if (isKnown || Object.keys(counts).length < MOST_ERRORS) counts[key] = (isKnown ? counts[key]! : 0) + 1
  else counts['other'] = (counts['other'] ?? 0) + 1
}

function finished({ row, latencies }: Sums): ToolRow {
  const latency = latencies.summary()
  return latency === undefined ? row : { ...row, latency }
}
