import type { ReportsAccount } from '../../contract/ledger.ts'
import { Histogram } from '../../core/histogram.ts'
import type { ReportsBook } from '../exchange/account.ts'

/** The reports that were asked for during a run, and what became of them. */
export class ReportsSection implements ReportsBook {
  #queued = 0
  #refused = 0
  #completed = 0
  #failed = 0
  #cancelled = 0
  readonly #queueWait = new Histogram()
  readonly #running = new Histogram()

  queued(): void {
    this.#queued += 1
  }

  refused(): void {
    this.#refused += 1
  }

  started(waitedMs: number): void {
    this.#queueWait.record(waitedMs)
  }

  ended(how: 'completed' | 'failed', ranMs: number): void {
    if (how === 'completed') this.#completed += 1
    else this.#failed += 1
    this.#running.record(ranMs)
  }

  cancelled(): void {
    this.#cancelled += 1
  }

  /** Queued or running. */
  get open(): number {
    return this.#queued - this.#completed - this.#failed - this.#cancelled
  }

  report(): ReportsAccount {
    return {
      queued: this.#queued,
      refused: this.#refused,
      completed: this.#completed,
      failed: this.#failed,
      cancelled: this.#cancelled,
      open: this.open,
      queueWait: this.#queueWait.toJSON(),
      running: this.#running.toJSON(),
    }
  }
}
