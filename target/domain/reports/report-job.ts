import type { Report, ReportFormat, ReportStatus } from '../../../contract/api/reports.ts'
import type { ReportsBook } from '../../exchange/account.ts'
import type { Owner } from '../../exchange/owner.ts'
import type { DatasetName } from './datasets.ts'
import type { Linked } from '../../../core/linked-list.ts'

export interface ReportJobOptions {
  id: string
  ordinal: number
  owner: Owner
  /** As it was asked for. */
  type: string
  dataset: DatasetName
  format: ReportFormat
  book: ReportsBook
  queuedAt: number
}

/**
 * One report, from being queued to being finished, written down in the ledger as it goes. Times are whole milliseconds
 * since the Unix epoch, as clients read them: so what they work out from them is to the millisecond what the ledger says.
 */
export class ReportJob implements Linked<ReportJob> {
  readonly id: string
  /** Its place among all jobs. */
  readonly ordinal: number
  readonly owner: Owner
  readonly type: string
  readonly dataset: DatasetName
  readonly format: ReportFormat
  previous: ReportJob | undefined
  next: ReportJob | undefined
  readonly #book: ReportsBook
  readonly #queuedAt: number
  #status: ReportStatus = 'queued'
  #startedAt: number | undefined
  #finishedAt: number | undefined
  /** Time its worker takes, known once it has started. */
  #durationMs = 0
  #error: Report['error']

  constructor({ id, ordinal, owner, type, dataset, format, book, queuedAt }: ReportJobOptions) {
    this.id = id
    this.ordinal = ordinal
    this.owner = owner
    this.type = type
    this.dataset = dataset
    this.format = format
    this.#book = book
    this.#queuedAt = queuedAt
    book.queued()
  }

  get status(): ReportStatus {
    return this.#status
  }

  get isFinished(): boolean {
    return this.#finishedAt !== undefined
  }

  start(now: number, durationMs: number): void {
    this.#status = 'running'
    this.#startedAt = now
    this.#durationMs = durationMs
    this.#book.started(now - this.#queuedAt)
  }

  complete(now: number): void {
    this.#finish(now, 'completed')
    this.#book.ended('completed', now - this.#startedAt!)
  }

  fail(now: number, detail: string): void {
    this.#error = { code: 'report_failed', detail }
    this.#finish(now, 'failed')
    this.#book.ended('failed', now - this.#startedAt!)
  }

  cancel(now: number): void {
    this.#error = { code: 'cancelled', detail: 'it was cancelled before it was completed' }
    this.#finish(now, 'failed')
    this.#book.cancelled()
  }

  /** Returns how long a running job still needs its worker. */
  remainingMs(now: number): number {
    return Math.max(0, this.#startedAt! + this.#durationMs - now)
  }

  /** @param downloadUrl where its file is, once there is one */
  report(now: number, downloadUrl: string): Report {
    return {
      job_id: this.id,
      status: this.#status,
      progress: this.#progress(now),
      type: this.type,
      format: this.format,
      ...(this.#status === 'completed' && { download_url: downloadUrl }),
      ...(this.#error !== undefined && { error: this.#error }),
      queued_at: iso(this.#queuedAt),
      started_at: this.#startedAt === undefined ? null : iso(this.#startedAt),
      finished_at: this.#finishedAt === undefined ? null : iso(this.#finishedAt),
    }
  }

  #finish(now: number, status: 'completed' | 'failed'): void {
    this.#status = status
    this.#finishedAt = now
  }

  /** Whole percent; what failed stays where it got to. */
  #progress(now: number): number {
    if (this.#status === 'completed') return 100
    if (this.#startedAt === undefined) return 0
    const ranMs = (this.#finishedAt ?? now) - this.#startedAt
    return ranMs < this.#durationMs ? Math.floor((100 * ranMs) / this.#durationMs) : 99
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
