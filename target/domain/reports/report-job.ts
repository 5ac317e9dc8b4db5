import type { Report, ReportFormat, ReportStatus } from '../../../contract/api/reports.ts'
import type { ReportsBook } from '../../exchange/account.ts'
import type { Owner } from '../../exchange/owner.ts'
import type { DatasetName } from './datasets.ts'
import type { Linked } from '../../../core/linked-list.ts'

export interface ReportJobOptions {
  id: string
  ordinal: number
  owner: Owner
  /** Type in the request. */
  type: string
  dataset: DatasetName
  format: ReportFormat
  book: ReportsBook
  queuedAt: number
}

/**
 * A report from request to completion, which records its progress in the ledger. Times are whole milliseconds since the Unix
 * epoch, as clients read them, so durations computed by clients agree with the ledger.
 */
export class ReportJob implements Linked<ReportJob> {
  readonly id: string
  /** Ordinal among all jobs. */
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
  /** Time that a worker needs for it; drawn at the start. */
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

  /** Returns the remaining time of a running job. */
  remainingMs(now: number): number {
    return Math.max(0, this.#startedAt! + this.#durationMs - now)
  }

  /** @param downloadUrl URL of the file, once the job is completed */
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

  /** Returns the progress in whole percent. A failed job keeps its last progress. */
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
