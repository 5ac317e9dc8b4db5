import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ProblemError } from '../../target/exchange/problem.ts'
import type { ReportJob } from '../../target/domain/reports/report-job.ts'
import { ReportsSection } from '../../target/ledger/reports-section.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { owner, reportsWith } from '../unit/target/domain/reports/support.ts'

interface NaiveSettings {
  workers: number
  queue: number
  duration: number
  failureRate: number
}

interface NaiveJob {
  queuedAt: number
  startedAt: number | undefined
  /** When its worker will finish, once it has started. */
  dueAt: number
  fails: boolean
  finishedAt: number | undefined
  end: 'completed' | 'report_failed' | 'cancelled' | undefined
}

/** A naive queue with this many servers, simulated millisecond by millisecond. */
class NaiveReports {
  readonly settings: NaiveSettings
  readonly jobs: NaiveJob[] = []
  refused = 0
  now = 0

  constructor(settings: NaiveSettings) {
    this.settings = settings
  }

  get waiting(): NaiveJob[] {
    return this.jobs.filter(job => job.startedAt === undefined && job.finishedAt === undefined)
  }

  get running(): NaiveJob[] {
    return this.jobs.filter(job => job.startedAt !== undefined && job.finishedAt === undefined)
  }

  submit(): void {
    const hasRoom = this.running.length < this.settings.workers || this.waiting.length < this.settings.queue
    if (!hasRoom) {
      this.refused += 1
      return
    }
    const { now } = this
    this.jobs.push({
      queuedAt: now,
      startedAt: undefined,
      dueAt: 0,
      fails: false,
      finishedAt: undefined,
      end: undefined,
    })
    this.start()
  }

  cancel(job: NaiveJob): void {
    job.finishedAt = this.now
    job.end = 'cancelled'
    this.start()
  }

  advance(durationMs: number): void {
    const until = this.now + durationMs
    for (; ; this.now++) {
      for (let over = this.over(); over !== undefined; over = this.over()) {
        over.finishedAt = this.now
        over.end = over.fails ? 'report_failed' : 'completed'
        this.start()
      }
      if (this.now === until) return
    }
  }

  start(): void {
    for (const job of this.waiting) {
      if (this.running.length >= this.settings.workers) return
      job.startedAt = this.now
      job.dueAt = this.now + this.settings.duration
      job.fails = this.settings.failureRate === 1
    }
  }

  private over(): NaiveJob | undefined {
    return this.running.find(job => job.dueAt <= this.now)
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('submit' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), durationMs: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      settings: fc.record(
        {
          workers: fc.integer({ min: 1, max: 4 }),
          queue: fc.nat(5),
          duration: fc.nat(50),
          failureRate: fc.constantFrom(0, 1),
        },
        { requiredKeys: [] },
      ),
    }),
  },
)

it('serves like a naive bounded queue with the same number of servers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 50 }),
      fc.record({
        workers: fc.integer({ min: 1, max: 4 }),
        queue: fc.nat(5),
        duration: fc.nat(50),
        failureRate: fc.constant(0),
      }),
      async (steps, initial) => {
        const clock = new FakeClock()
        const { reports, change } = reportsWith(clock, initial)
        const naive = new NaiveReports({ ...initial })
        const book = new ReportsSection()
        const jobs: ReportJob[] = []
        for (const action of steps) {
          const runningBefore = reports.running
          if (action.do === 'submit') {
            naive.submit()
            try {
              jobs.push(reports.submit(owner, {}, book))
              // A shortened queue removes no job, but accepts none until it has room.
              expect(reports.waiting).toBeLessThanOrEqual(naive.settings.queue)
            } catch (error) {
              expect(error).toMatchObject({ code: 'queue_full' } satisfies Partial<ProblemError>)
            }
          } else if (action.do === 'advance') {
            naive.advance(action.durationMs)
            await clock.advance(action.durationMs)
          } else if (action.do === 'cancel') {
            const job = naive.jobs[action.which]
            if (job === undefined || job.finishedAt !== undefined) continue
            naive.cancel(job)
            reports.cancel(owner, jobs[action.which]!.id)
          } else {
            Object.assign(naive.settings, action.settings)
            naive.start()
            change(action.settings)
          }
          const { workers } = naive.settings
          expect(reports.running).toBeLessThanOrEqual(Math.max(workers, runningBefore))
          if (reports.waiting > 0) expect(reports.running).toBeGreaterThanOrEqual(workers)
          expect(jobs.map(job => seen(job))).toEqual(naive.jobs.map(told))
          expect({ waiting: reports.waiting, running: reports.running }).toEqual({
            waiting: naive.waiting.length,
            running: naive.running.length,
          })
        }
        expect(recorded(book)).toEqual(totals(naive))
        reports.close()
        expect(book.open).toBe(0)
      },
    ),
    { seed: 11, numRuns: 300 },
  )
})

function seen(job: ReportJob) {
  const { queued_at, started_at, finished_at, status, error } = job.report(0, '')
  return { queued_at, started_at, finished_at, status, code: error?.code }
}

/** Returns the state of the job that a client should see. */
function told({ queuedAt, startedAt, finishedAt, end }: NaiveJob): ReturnType<typeof seen> {
  const iso = (at: number) => new Date(new FakeClock().wallTime() + at).toISOString()
  const status = end === undefined ? (startedAt === undefined ? 'queued' : 'running') : 'failed'
  return {
    queued_at: iso(queuedAt),
    started_at: startedAt === undefined ? null : iso(startedAt),
    finished_at: finishedAt === undefined ? null : iso(finishedAt),
    status: end === 'completed' ? 'completed' : status,
    code: end === 'completed' ? undefined : end,
  }
}

function recorded(book: ReportsSection) {
  const { queueWait, running, ...counts } = book.report()
  return { ...counts, starts: queueWait.count, waitedMs: queueWait.sumMs, ends: running.count, ranMs: running.sumMs }
}

function totals({ jobs, refused, waiting, running }: NaiveReports): ReturnType<typeof recorded> {
  const ended = (how: NaiveJob['end']) => jobs.filter(({ end }) => end === how)
  const starts = jobs.filter(({ startedAt }) => startedAt !== undefined)
  const ends = [...ended('completed'), ...ended('report_failed')]
  const sum = (times: number[]) => times.reduce((total, time) => total + time, 0)
  return {
    queued: jobs.length,
    refused,
    completed: ended('completed').length,
    failed: ended('report_failed').length,
    cancelled: ended('cancelled').length,
    open: waiting.length + running.length,
    starts: starts.length,
    waitedMs: sum(starts.map(({ queuedAt, startedAt }) => startedAt! - queuedAt)),
    ends: ends.length,
    ranMs: sum(ends.map(({ startedAt, finishedAt }) => finishedAt! - startedAt!)),
  }
}
