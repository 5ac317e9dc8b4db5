import type { OperationAccount } from '../../contract/ledger.ts'
import { operations, type OperationName } from '../../contract/operations.ts'
import { Histogram } from '../../core/histogram.ts'
import { Tally } from './tally.ts'

/** What one run did with one operation: counts and distributions. */
export class OperationBook {
  readonly tally = new Tally()
  readonly firstByte = new Histogram()
  readonly lastByte = new Histogram()
  /** Made once there is something to record: most targets have no stations. */
  #queueWait: Histogram | undefined
  readonly #arrivalGap = new Histogram()
  #lastArrivalAt = 0

  arrived(nowMs: number): void {
    if (this.tally.arrivals > 0) this.#arrivalGap.record(nowMs - this.#lastArrivalAt)
    this.#lastArrivalAt = nowMs
    this.tally.arrivals += 1
  }

  queued(waitMs: number): void {
    ;(this.#queueWait ??= new Histogram()).record(waitMs)
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
      ...(this.#queueWait && { queueWait: this.#queueWait.toJSON() }),
    }
  }
}
