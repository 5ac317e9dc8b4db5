import type { ToolReport, ToolRow, ToolSample } from '../tool-report.ts'
import { Latencies } from './latencies.ts'

/** Most names and, for each, most error texts that are told apart; the rest are counted together. */
const MOST_NAMES = 10_000
const MOST_ERRORS = 100
/** Most samples that are kept one by one; all are in the rows. */
const MOST_SAMPLES = 500_000

const OTHER_NAMES = 'other names'
const OTHER_ERRORS = 'other errors'

/** A request of a log with what only some tools write. */
export interface LoggedRequest extends Omit<ToolSample, 'startedAt'> {
  /** Absent where the tool does not say when it was. */
  startedAt?: number
  method?: string
  path?: string
  error?: string
  receivedBytes?: number
  sentBytes?: number
}

/** Adds up the single requests of a log. Its memory is bounded by eight bytes a request and the limits above. */
export class SampleSums {
  readonly #rows = new Map<string, RowSums>()
  readonly #total = new RowSums({ name: '' })
  readonly #samples: ToolSample[] = []
  #startedAt = Infinity
  #endedAt = -Infinity

  add(request: LoggedRequest): void {
    const { name, startedAt, elapsedMs, status, failed } = request
    this.#rowOf(request).add(request)
    this.#total.add(request)
    if (startedAt === undefined) return
    this.#startedAt = Math.min(this.#startedAt, startedAt)
    this.#endedAt = Math.max(this.#endedAt, startedAt + elapsedMs)
    if (this.#samples.length < MOST_SAMPLES) this.#samples.push({ name, startedAt, elapsedMs, status, failed })
  }

  get count(): number {
    return this.#total.count
  }

  /** Returns the part of a report that single requests make up. */
  report(): Pick<ToolReport, 'rows' | 'total' | 'samples' | 'startedAt' | 'endedAt' | 'durationMs' | 'remarks'> {
    const { count } = this
    const times =
      this.#samples.length === 0
        ? {}
        : { startedAt: this.#startedAt, endedAt: this.#endedAt, durationMs: this.#endedAt - this.#startedAt }
    return {
      ...times,
      rows: [...this.#rows.values()].map(row => row.row()),
      total: this.#total.row(),
      ...(this.#samples.length === 0 ? {} : { samples: this.#samples }),
      remarks: [
        'counts and percentiles are computed here from the tool’s single requests',
        ...(count > MOST_SAMPLES ? [`only the first ${MOST_SAMPLES} of ${count} requests are kept one by one`] : []),
        ...(this.#rows.has(OTHER_NAMES) ? [`names beyond the first ${MOST_NAMES} are counted together`] : []),
      ],
    }
  }

  #rowOf({ name, method, path }: LoggedRequest): RowSums {
    const known = this.#rows.get(name) ?? (this.#rows.size < MOST_NAMES ? undefined : this.#rows.get(OTHER_NAMES))
    if (known !== undefined) return known
    const row =
      this.#rows.size < MOST_NAMES
        ? new RowSums({ name, ...(method !== undefined && { method }), ...(path !== undefined && { path }) })
        : new RowSums({ name: OTHER_NAMES })
    this.#rows.set(row.name, row)
    return row
  }
}

class RowSums {
  readonly #identity: Pick<ToolRow, 'name' | 'method' | 'path'>
  readonly #statuses = new Map<number, number>()
  readonly #errors = new Map<string, number>()
  readonly #latencies = new Latencies()
  #failures = 0
  #receivedBytes: number | undefined
  #sentBytes: number | undefined
  count = 0

  constructor(identity: Pick<ToolRow, 'name' | 'method' | 'path'>) {
    this.#identity = identity
  }

  get name(): string {
    return this.#identity.name
  }

  add({ elapsedMs, status, failed, error, receivedBytes, sentBytes }: LoggedRequest): void {
    this.#latencies.add(elapsedMs)
    this.count += 1
    if (failed) this.#failures += 1
    if (status > 0) this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
    if (error !== undefined) {
      const kind = this.#errors.has(error) || this.#errors.size < MOST_ERRORS ? error : OTHER_ERRORS
      this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1)
    }
    if (receivedBytes !== undefined) this.#receivedBytes = (this.#receivedBytes ?? 0) + receivedBytes
    if (sentBytes !== undefined) this.#sentBytes = (this.#sentBytes ?? 0) + sentBytes
  }

  row(): ToolRow {
    const latency = this.#latencies.summary()
    return {
      ...this.#identity,
      requests: this.count,
      failures: this.#failures,
      ...(this.#statuses.size > 0 && { statuses: Object.fromEntries(this.#statuses) }),
      ...(this.#errors.size > 0 && { errors: Object.fromEntries(this.#errors) }),
      ...(this.#receivedBytes !== undefined && { receivedBytes: this.#receivedBytes }),
      ...(this.#sentBytes !== undefined && { sentBytes: this.#sentBytes }),
      ...(latency && { latency }),
    }
  }
}
