import { hash } from 'node:crypto'
import type { ReportRequest } from '../../../contract/api/reports.ts'
import type { Clock } from '../../../core/clock.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { ReportsBook } from '../../exchange/account.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { type Datasets, datasetOf } from './datasets.ts'
import { JobQueue } from './job-queue.ts'
import { LinkedList } from '../../../core/linked-list.ts'
import type { ReportFile } from './report-file.ts'
import { ReportFiles } from './report-files.ts'
import type { Owner } from '../../exchange/owner.ts'
import { ReportJob } from './report-job.ts'

export interface ReportsDependencies {
  settings: Settings
  clock: Clock
  random: Random
  datasets: Datasets
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** Estimate for a job, measured and rounded up. */
const JOB_BYTES = 1024

/** The requested reports of all tenants. */
export class Reports {
  readonly #settings: Settings
  readonly #queue: JobQueue
  readonly #files: ReportFiles
  readonly #memory: MemoryTable
  readonly #jobs = new Map<string, ReportJob>()
  /** Finished jobs in order of completion. */
  #finished = new LinkedList<ReportJob>()
  readonly #idKey: string
  #nextOrdinal = 1
  #isClosed = false

  constructor({ settings, clock, random, datasets, memory, lifecycle }: ReportsDependencies) {
    this.#memory = memory.table('reports', () => this.#files.forgetOldest() || this.#forgetOldest())
    this.#settings = settings
    const draws = random.fork('reports')
    this.#files = new ReportFiles(datasets, clock, this.#memory)
    this.#queue = new JobQueue({
      settings,
      clock,
      random: draws,
      make: job => this.#files.fileOf(job),
      onFinished: job => this.#keep(job),
    })
    const ids = draws.fork('ids')
    this.#idKey = [1, 2, 3, 4].map(() => randomInteger(ids, 2 ** 32)).join('-')
    lifecycle.onReset('data', () => this.reset())
    lifecycle.on('stop', () => this.close())
  }

  /** Number of jobs that wait for a worker. */
  get waiting(): number {
    return this.#queue.waiting
  }

  get running(): number {
    return this.#queue.running
  }

  /** Number of jobs kept. */
  get length(): number {
    return this.#jobs.size
  }

  /** Adds a job. @throws ProblemError queue_full, which the ledger counts; not_ready, memory_exhausted */
  submit(owner: Owner, { type, report_type, format }: ReportRequest, book: ReportsBook): ReportJob {
    if (this.#isClosed) throw new ProblemError('not_ready', 'the target is stopping')
    if (this.#queue.isFull) {
      book.refused()
      const headers = { 'retry-after': wholeSeconds(this.#queue.untilRoomMs()) }
      throw new ProblemError('queue_full', `${this.waiting} reports wait for a worker (reports.queue)`, { headers })
    }
    this.#memory.admit(JOB_BYTES)
    const asked = type ?? report_type ?? 'orders'
    const ordinal = this.#nextOrdinal++
    const job = new ReportJob({
      id: this.#idOf(ordinal),
      ordinal,
      owner,
      type: asked,
      dataset: datasetOf(asked),
      format: format ?? 'csv',
      book,
      queuedAt: this.#queue.now(),
    })
    this.#jobs.set(job.id, job)
    this.#queue.add(job)
    return job
  }

  /** Returns a job of its owner. @throws ProblemError not_found, also for a job of another owner */
  find({ account }: Owner, id: string): ReportJob {
    const job = this.#jobs.get(id)
    if (job?.owner.account === account) return job
    throw new ProblemError('not_found', 'you have no report with this id')
  }

  /** Returns the file of a completed job. @throws ProblemError report_not_ready */
  async file(job: ReportJob): Promise<ReportFile> {
    if (job.status === 'completed') return this.#files.fileOf(job)
    throw new ProblemError('report_not_ready', `expected a completed report, got one that is ${job.status}`)
  }

  /**
   * Cancels an unfinished job, or forgets a finished one.
   * @throws ProblemError not_found
   */
  cancel(owner: Owner, id: string): void {
    const job = this.find(owner, id)
    if (!job.isFinished) return this.#queue.cancel(job)
    this.#finished.remove(job)
    this.#drop(job)
  }

  /** Current wall time in ms, on the clock of the jobs. */
  now(): number {
    return this.#queue.now()
  }

  /** Returns `Retry-After` for an unfinished job: its expected remaining time, at least one second. */
  retryAfter(job: ReportJob): string {
    return wholeSeconds(this.#queue.untilFinishedMs(job))
  }

  /** Cancels and forgets all jobs, and restarts as at the start. */
  reset(): void {
    this.#queue.cancelAll()
    this.#files.clear()
    this.#memory.release(this.#jobs.size * JOB_BYTES)
    this.#jobs.clear()
    this.#finished = new LinkedList()
    this.#nextOrdinal = 1
  }

  /** Cancels all jobs and accepts no further ones. */
  close(): void {
    this.#isClosed = true
    this.#queue.cancelAll()
    this.#files.clear()
  }

  #keep(job: ReportJob): void {
    this.#finished.push(job)
    while (this.#finished.length > this.#settings.current.reports.kept) this.#forgetOldest()
  }

  /** Forgets the oldest finished job; returns whether there was one. */
  #forgetOldest(): boolean {
    const oldest = this.#finished.shift()
    if (oldest !== undefined) this.#drop(oldest)
    return oldest !== undefined
  }

  #drop({ id }: ReportJob): void {
    if (this.#jobs.delete(id)) this.#memory.release(JOB_BYTES)
  }

  /** Returns an id that cannot be guessed but is the same for the same seed. */
  #idOf(ordinal: number): string {
    return hash('sha256', `${this.#idKey}-${ordinal}`, 'hex').slice(0, 24)
  }
}

function wholeSeconds(durationMs: number): string {
  return String(Math.max(1, Math.ceil(durationMs / 1000)))
}
