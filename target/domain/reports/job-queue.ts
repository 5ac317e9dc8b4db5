import { parseDistribution } from '../../../core/distributions/parse.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Distribution } from '../../../core/distributions/distribution.ts'
import type { Random } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import { LinkedList } from '../../../core/linked-list.ts'
import type { ReportJob } from './report-job.ts'

export interface JobQueueDependencies {
  settings: Settings
  clock: Clock
  random: Random
  /** Does the work of a job. The job ends when the work is done and its drawn time is over. */
  make: (job: ReportJob) => Promise<unknown>
  /** Called when a job was completed, has failed or was cancelled. */
  onFinished: (job: ReportJob) => void
}

/**
 * A first-come, first-served queue: `reports.workers` jobs run, `reports.queue` more may wait, and no worker is idle while a
 * job waits. Changed settings apply at once, but never stop a job that has started.
 */
export class JobQueue {
  readonly #dependencies: JobQueueDependencies
  readonly #waiting = new LinkedList<ReportJob>()
  readonly #running = new Map<ReportJob, AbortController>()
  #duration: Distribution

  constructor(dependencies: JobQueueDependencies) {
    this.#dependencies = dependencies
    this.#duration = parseDistribution(this.#settings.duration)
    dependencies.settings.onChange(({ reports }) => {
      this.#duration = parseDistribution(reports.duration)
      this.#fill()
    })
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get running(): number {
    return this.#running.size
  }

  get isFull(): boolean {
    const { workers, queue } = this.#settings
    return this.running >= workers && this.waiting >= queue
  }

  /** Adds a job, which starts at once if a worker is free. Check `isFull` first. */
  add(job: ReportJob): void {
    this.#waiting.push(job)
    this.#fill()
  }

  /** Cancels an unfinished job. Its worker takes the next one. */
  cancel(job: ReportJob): void {
    const worker = this.#running.get(job)
    if (worker === undefined) this.#waiting.remove(job)
    this.#end(job, () => job.cancel(this.now()))
    worker?.abort()
  }

  cancelAll(): void {
    // Waiting jobs come first, so that none of them starts.
    for (let job = this.#waiting.first; job !== undefined; job = this.#waiting.first) this.cancel(job)
    for (const job of this.#running.keys()) this.cancel(job)
  }

  /** Returns the expected time until an unfinished job is finished, with the mean time for the jobs before it. */
  untilFinishedMs(job: ReportJob): number {
    if (job.status === 'running') return job.remainingMs(this.now())
    // Cancelled jobs in between are counted too, because excluding them would require walking the queue.
    const ahead = job.ordinal - (this.#waiting.first ?? job).ordinal
    return this.#duration.meanMs * (1 + (ahead + 1) / this.#settings.workers)
  }

  /** Returns the expected time until a worker takes a job from the queue. */
  untilRoomMs(): number {
    return this.#duration.meanMs / this.#settings.workers
  }

  /** Returns the wall time in whole ms. */
  now(): number {
    return Math.round(this.#dependencies.clock.wallTime())
  }

  get #settings() {
    return this.#dependencies.settings.current.reports
  }

  #fill(): void {
    while (this.running < this.#settings.workers) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      void this.#work(job)
    }
  }

  async #work(job: ReportJob): Promise<void> {
    const { random, clock, make } = this.#dependencies
    const durationMs = Math.round(this.#duration.sample(random.fork('duration', job.ordinal), job.ordinal - 1))
    const fails = random.fork('failure', job.ordinal).next() < this.#settings.failureRate
    const worker = new AbortController()
    this.#running.set(job, worker)
    job.start(this.now(), durationMs)
    let failure = fails ? 'this report was chosen at random to fail (reports.failureRate)' : undefined
    const over = clock.sleep(durationMs, worker.signal)
    try {
      if (!fails) await make(job)
    } catch (error) {
      failure = `its file could not be created: ${(error as Error).message}`
    }
    await over
    if (worker.signal.aborted) return
    this.#end(job, () => (failure === undefined ? job.complete(this.now()) : job.fail(this.now(), failure)))
  }

  #end(job: ReportJob, end: () => void): void {
    this.#running.delete(job)
    end()
    this.#dependencies.onFinished(job)
    this.#fill()
  }
}
