import type { ReportsAccount } from '../../contract/ledger.ts'
import { Histogram } from '../../core/histogram.ts'
import type { ReportsBook } from '../exchange/account.ts'

/** Reports that were requested during a run, by outcome. */
export class ReportsSection implements ReportsBook {
  readonly #counts = { queued: 0, refused: 0, completed: 0, failed: 0, cancelled: 0 }
  readonly #queueWait = new Histogram()
  readonly #running = new Histogram()

  queued(): void {
    this.#counts.queued += 1
  }

  refused(): void {
    this.#counts.refused += 1
  }

  started(waitedMs: number): void {
    this.#queueWait.record(waitedMs)
  }

  ended(how: 'completed' | 'failed', ranMs: number): void {
    this.#counts[how] += 1
    this.#running.record(ranMs)
  }

  cancelled(): void {
    this.#counts.cancelled += 1
  }

  /** Number of reports that are queued or running. */
  get open(): number {
    const { queued, completed, failed, cancelled } = this.#counts
    return queued - completed - failed - cancelled
  }

  report(): ReportsAccount {
    const times = { queueWait: this.#queueWait.toJSON(), running: this.#running.toJSON() }
    return { ...this.#counts, open: this.open, ...times }
  }
}
