import type { OperationAccount } from '../../contract/ledger.ts'
import { type OperationName, operations } from '../../contract/api/operations.ts'
import { Histogram } from '../../core/histogram.ts'
import { DelayHistograms } from './counts.ts'

/** Number of statuses that are counted separately. Higher ones are counted as the last. */
const STATUSES = 600

/** Plain counts of one operation. */
export class Tally {
  arrivals = 0
  aborted = 0
  cut = 0
  unanswered = 0
  ended = 0
  /** Those that ended with a status of 400 or more, or by a fault or by their client before their answer was complete. */
  failed = 0
  bytesIn = 0
  bytesOut = 0
  readonly #statuses = new Float64Array(STATUSES)

  answered(status: number): void {
    this.#statuses[Math.min(status, STATUSES - 1)]! += 1
  }

  /** Counts the end of a request, and the bytes of its bodies. */
  carried(bytesIn: number, bytesOut: number, hasFailed: boolean): void {
    this.ended += 1
    if (hasFailed) this.failed += 1
    this.bytesIn += bytesIn
    this.bytesOut += bytesOut
  }

  /** Number of responses by status. */
  *statuses(): Iterable<[status: number, count: number]> {
    for (const [status, count] of this.#statuses.entries()) if (count > 0) yield [status, count]
  }
}

/** Counts and distributions of one operation in one run. */
export class OperationBook {
  readonly tally = new Tally()
  readonly firstByte = new Histogram()
  readonly lastByte = new Histogram()
  readonly handler = new Histogram()
  /** Created on first use, because most targets have neither stations nor delays. */
  #queueWait: Histogram | undefined
  #stationService: Histogram | undefined
  #delays: DelayHistograms | undefined
  readonly #arrivalGap = new Histogram()
  #lastArrivalAt = 0

  arrived(nowMs: number): void {
    if (this.tally.arrivals > 0) this.#arrivalGap.record(nowMs - this.#lastArrivalAt)
    this.#lastArrivalAt = nowMs
    this.tally.arrivals += 1
  }

  visited(waitMs: number, serviceMs?: number): void {
    ;(this.#queueWait ??= new Histogram()).record(waitMs)
    if (serviceMs !== undefined) (this.#stationService ??= new Histogram()).record(serviceMs)
  }

  delayed(plannedMs: number, actualMs: number): void {
    ;(this.#delays ??= new DelayHistograms()).record(plannedMs, actualMs)
  }

  report(operation: OperationName): OperationAccount {
    const { method, path }: { method: string; path: string } =
      operation === 'unmatched' ? { method: '*', path: '*' } : operations[operation]
    const { arrivals, aborted, cut, unanswered, bytesIn, bytesOut } = this.tally
    return {
      operation,
      method,
      path,
      arrivals,
      aborted,
      cut,
      unanswered,
      statuses: Object.fromEntries(this.tally.statuses()),
      bytesIn,
      bytesOut,
      arrivalGap: this.#arrivalGap.toJSON(),
      firstByte: this.firstByte.toJSON(),
      lastByte: this.lastByte.toJSON(),
      handler: this.handler.toJSON(),
      ...(this.#queueWait && { queueWait: this.#queueWait.toJSON() }),
      ...(this.#stationService && { stationService: this.#stationService.toJSON() }),
      ...this.#delays?.report(),
    }
  }
}
