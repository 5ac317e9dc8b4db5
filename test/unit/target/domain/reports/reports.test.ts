import { describe, expect, it } from 'vitest'
import { ReportsSection } from '../../../../../target/ledger/reports-section.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { clientOwner, userOwner } from '../../../../../target/exchange/owner.ts'
import { owner, reportsWith, tiny } from './support.ts'

const at = (offsetMs: number) => new Date(new FakeClock().wallTime() + offsetMs).toISOString()
const book = new ReportsSection()

describe('a report', () => {
  it('shows its progress', async () => {
    const clock = new FakeClock()
    const { reports } = reportsWith(clock, { workers: 1, duration: '1s' })
    const [first, second] = [reports.submit(owner, { type: 'orders' }, book), reports.submit(owner, {}, book)]
    const progress = () => [first, second].map(job => job.report(reports.now(), '/file').progress)
    expect(progress()).toEqual([0, 0])
    await clock.advance(255)
    expect(progress()).toEqual([25, 0])
    await clock.advance(744)
    expect(progress()).toEqual([99, 0])
    await clock.advance(1)
    expect(progress()).toEqual([100, 0])
    expect(first.report(reports.now(), '/file')).toEqual({
      job_id: first.id,
      status: 'completed',
      progress: 100,
      type: 'orders',
      format: 'csv',
      download_url: '/file',
      queued_at: at(0),
      started_at: at(0),
      finished_at: at(1000),
    })
    await clock.advance(500)
    expect(second.report(reports.now(), '/file')).toMatchObject({ status: 'running', progress: 50, finished_at: null })
    reports.close()
  })

  it('says when to poll again', async () => {
    const clock = new FakeClock()
    const { reports } = reportsWith(clock, { workers: 2, duration: '10s', queue: 5 })
    const jobs = Array.from({ length: 7 }, () => reports.submit(owner, {}, book))
    const retryAfter = () => jobs.map(job => Number(reports.retryAfter(job)))
    // A free worker takes 10 s; each pair of those ahead of a job takes 10 s more.
    expect(retryAfter()).toEqual([10, 10, 15, 20, 25, 30, 35])
    await clock.advance(9500)
    expect(retryAfter().slice(0, 2)).toEqual([1, 1])
    expect(() => reports.submit(owner, {}, book)).toThrow(
      expect.objectContaining({ code: 'queue_full', extra: { headers: { 'retry-after': '5' } } }),
    )
    reports.close()
  })

  it('is seen by its owner alone', () => {
    const { reports } = reportsWith(new FakeClock(), {})
    const { id } = reports.submit(owner, {}, book)
    for (const other of [clientOwner('public', 'you'), clientOwner('other', 'me'), userOwner('public', 1)]) {
      expect(() => reports.find(other, id)).toThrow(expect.objectContaining({ code: 'not_found' }))
      expect(() => reports.cancel(other, id)).toThrow(expect.objectContaining({ code: 'not_found' }))
    }
    expect(reports.find(owner, id).status).toBe('running')
    reports.close()
  })

  it('that is cancelled frees its worker at once, is told as cancelled, and is forgotten when cancelled again', async () => {
    const clock = new FakeClock()
    const { reports } = reportsWith(clock, { workers: 1, duration: '1s' })
    const [running, waiting] = [reports.submit(owner, {}, book), reports.submit(owner, {}, book)]
    await clock.advance(300)
    reports.cancel(owner, running.id)
    expect(waiting.status).toBe('running')
    await clock.advance(900)
    expect(running.report(reports.now(), '')).toMatchObject({
      status: 'failed',
      progress: 30,
      error: { code: 'cancelled' },
      finished_at: at(300),
    })
    expect(running.report(reports.now(), '')).not.toHaveProperty('download_url')
    reports.cancel(owner, running.id)
    expect(() => reports.find(owner, running.id)).toThrow(expect.objectContaining({ code: 'not_found' }))
    await clock.advance(100)
    expect(waiting.status).toBe('completed')
    expect(reports.length).toBe(1)
  })

  it('fails when its file cannot be made, and its worker goes on', async () => {
    const clock = new FakeClock()
    const broken = { ...tiny, rows: () => [][0]! }
    const { reports } = reportsWith(clock, { workers: 1, duration: '1s' }, { products: broken })
    const [bad, good] = [reports.submit(owner, { type: 'products' }, book), reports.submit(owner, {}, book)]
    await clock.advance(1000)
    expect(bad.report(reports.now(), '').error).toMatchObject({
      code: 'report_failed',
      detail: expect.stringContaining('could not be created'),
    })
    await clock.advance(1000)
    expect(good.status).toBe('completed')
  })

  it('takes the next time of a trace, and another once the setting is changed', async () => {
    const clock = new FakeClock()
    const trace = ['100ms', '300ms']
    const { reports, change } = reportsWith(clock, { workers: 1, duration: { type: 'replay', trace, loop: true } })
    const jobs = [1, 2, 3, 4].map(() => reports.submit(owner, {}, book))
    await clock.advance(50)
    change({ duration: '1s' })
    await clock.advance(50)
    change({ duration: { type: 'replay', trace, loop: true } })
    await clock.advance(2000)
    expect(jobs.map(job => job.report(reports.now(), '').finished_at)).toEqual([100, 1100, 1200, 1500].map(at))
  })

  it('is not downloaded before it is completed', async () => {
    const clock = new FakeClock()
    const { reports } = reportsWith(clock, { duration: '1s', failureRate: 1 })
    const job = reports.submit(owner, {}, book)
    await expect(reports.file(job)).rejects.toMatchObject({ code: 'report_not_ready' })
    await clock.advance(1000)
    expect(job.status).toBe('failed')
    await expect(reports.file(job)).rejects.toMatchObject({ code: 'report_not_ready' })
  })
})

describe('finished reports', () => {
  it('are kept up to a number; the oldest are forgotten, those that are not finished never', async () => {
    const clock = new FakeClock()
    const { reports, change } = reportsWith(clock, { workers: 1, duration: '1s', kept: 2 })
    const jobs = Array.from({ length: 6 }, () => reports.submit(owner, {}, book))
    const known = () =>
      jobs.map(({ id }) => {
        try {
          return reports.find(owner, id).id === id
        } catch {
          return false
        }
      })
    await clock.advance(4000)
    expect(known()).toEqual([false, false, true, true, true, true])
    // One that was deleted leaves its place to another.
    reports.cancel(owner, jobs[3]!.id)
    await clock.advance(1000)
    expect(known()).toEqual([false, false, true, false, true, true])
    change({ kept: 1 })
    await clock.advance(1000)
    expect(known()).toEqual([false, false, false, false, false, true])
    expect(reports.length).toBe(1)
  })
})

describe('the draws', () => {
  const times = async (jobs: number, pause: number, seed = 1) => {
    const clock = new FakeClock()
    const duration = { type: 'exponential', mean: '1s' } as const
    const { reports } = reportsWith(clock, { workers: 1000, duration, failureRate: 0.3 }, {}, seed)
    const submitted = []
    for (let count = 0; count < jobs; count++) {
      submitted.push(reports.submit(owner, {}, book))
      await clock.advance(pause)
    }
    await clock.advance(60_000)
    return submitted.map(job => {
      const { job_id, status, started_at, finished_at } = job.report(0, '')
      return [job_id, status, Date.parse(finished_at!) - Date.parse(started_at!)] as const
    })
  }

  it('belong to the job, whatever happens in between', async () => {
    const calm = await times(20, 700)
    expect(await times(20, 1)).toEqual(calm)
    expect(await times(20, 1, 2)).not.toEqual(calm)
    expect(new Set(calm.map(([id]) => id)).size).toBe(20)
  })

  it('of one are the same when another never starts', async () => {
    const ended = async (cancelled?: number) => {
      const clock = new FakeClock()
      const duration = { type: 'uniform', min: 0, max: '9s' } as const
      const { reports } = reportsWith(clock, { workers: 1, duration, failureRate: 0.5 })
      const jobs = Array.from({ length: 12 }, () => reports.submit(owner, {}, book))
      if (cancelled !== undefined) reports.cancel(owner, jobs[cancelled]!.id)
      await clock.advance(12 * 9_000)
      return jobs
        .filter((_, index) => index !== 2)
        .map(job => job.report(0, ''))
        .map(({ status, started_at, finished_at }) => [status, Date.parse(finished_at!) - Date.parse(started_at!)])
    }
    expect(await ended(2)).toEqual(await ended())
  })

  it('follow the settings', async () => {
    const drawn = await times(600, 0)
    const share = drawn.filter(([, status]) => status === 'failed').length / 600
    expect(share).toBeGreaterThan(0.24)
    expect(share).toBeLessThan(0.36)
    const mean = drawn.reduce((sum, [, , ranMs]) => sum + ranMs, 0) / 600
    expect(mean).toBeGreaterThan(850)
    expect(mean).toBeLessThan(1150)
  })
})

describe('reset', () => {
  it('cancels and forgets everything, and begins again', async () => {
    const clock = new FakeClock()
    const { reports, memory } = reportsWith(clock, { workers: 1, duration: { type: 'uniform', min: 0, max: '5s' } })
    const section = new ReportsSection()
    const submit = () => Array.from({ length: 3 }, () => reports.submit(owner, {}, section))
    const before = submit()
    reports.reset()
    expect({ reportsLength: reports.length, waiting: reports.waiting, running: reports.running }).toEqual({
      reportsLength: 0,
      waiting: 0,
      running: 0,
    })
    // The file that was being rendered is given up.
    await clock.advance(1)
    expect(memory.usedBytes).toBe(0)
    expect(section.report()).toMatchObject({ queued: 3, cancelled: 3, open: 0 })
    // None of those that waited was started by the end of another.
    expect(section.report().queueWait.count).toBe(1)
    expect(() => reports.find(owner, before[0]!.id)).toThrow(expect.objectContaining({ code: 'not_found' }))
    expect(submit().map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    await clock.advance(15_000)
    expect(section.report()).toMatchObject({ queued: 6, completed: 3, cancelled: 3 })
  })
})

describe('close', () => {
  it('cancels everything, and takes no more', () => {
    const { reports } = reportsWith(new FakeClock(), { workers: 1 })
    const jobs = [reports.submit(owner, {}, book), reports.submit(owner, {}, book)]
    reports.close()
    expect(jobs.map(({ status }) => status)).toEqual(['failed', 'failed'])
    expect(() => reports.submit(owner, {}, book)).toThrow(expect.objectContaining({ code: 'not_ready' }))
  })
})
