import { describe, expect, it } from 'vitest'
import { inProcessLink } from '../../../../harness/bus/in-process-link.ts'
import type { Assignment, ToCoordinator, ToWorker } from '../../../../harness/coordination/messages.ts'
import { createPlan, type Plan } from '../../../../harness/plan/plan.ts'
import { Uncaught } from '../../../../harness/run/uncaught.ts'
import { work } from '../../../../harness/run/worker.ts'
import { scenario, user } from '../../../../harness/scenario.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const assignment: Assignment = {
  runId: 'r',
  share: { index: 0, of: 1 },
  job: { scenario: 'here' },
  targetUrl: 'http://127.0.0.1:1',
  identify: false,
  version: '1.0.0',
}

function planFor(durationMs: number): Plan {
  const load = { executor: 'constant-vus', vus: 1, duration: `${durationMs}ms` } as const
  const visitor = user('visitor', { think: '100ms', iterate: () => {} })
  return createPlan(scenario({ load, users: [visitor] }), 'trial', { seed: 1, tags: {}, warmup: 0 })
}

/** Starts a worker, and keeps what it tells. @param acknowledges whether its intervals are acknowledged */
function started(planOf: (job: unknown) => Plan, { acknowledges = true } = {}) {
  const clock = new FakeClock()
  const [link, ofWorker] = inProcessLink<ToWorker, ToCoordinator>()
  const told: ToCoordinator[] = []
  link.receive(message => {
    // The samples are lent.
    told.push(message)
    if (message.kind === 'interval' && acknowledges) link.send({ kind: 'acknowledge', sequence: message.sequence })
  })
  const uncaught = new Uncaught()
  const state = { isOver: false }
  void work(ofWorker, { clock, version: '1.0.0', uncaught, planOf }).then(() => {
    state.isOver = true
    uncaught.close()
  })
  const kinds = () => told.map(({ kind }) => kind).filter(kind => kind !== 'heartbeat')
  const intervals = () => told.filter(message => message.kind === 'interval')
  return { clock, link, told, kinds, intervals, state }
}

describe('work', () => {
  it('tells who it is, loads what it is told to, drives its share, and ends when it is dismissed', async () => {
    const jobs: unknown[] = []
    const { clock, link, kinds, told, state } = started(job => {
      jobs.push(job)
      return planFor(2500)
    })
    link.send({ kind: 'assign', ...assignment })
    link.send({ kind: 'ping', id: 7 })
    await clock.advance(0)
    expect(jobs).toEqual([{ scenario: 'here' }])
    expect(kinds()).toEqual(['ready', 'pong', 'prepared'])
    expect(told[0]).toMatchObject({ version: '1.0.0', pid: process.pid })
    link.send({ kind: 'start', phase: 'run', at: clock.wallTime() })
    await clock.advance(2900)
    expect(told).toContainEqual({ kind: 'ended', phase: 'run', atMs: 2500 })
    link.send({ kind: 'settle' })
    await clock.advance(1000)
    expect(kinds().slice(-2)).toEqual(['interval', 'finished'])
    link.send({ kind: 'dismiss' })
    await clock.advance(0)
    expect(state.isOver).toBe(true)
  })

  it('does once what it is told twice', async () => {
    const { clock, link, kinds, told } = started(() => planFor(1000))
    for (let time = 0; time < 2; time++) link.send({ kind: 'assign', ...assignment })
    await clock.advance(0)
    for (let time = 0; time < 2; time++) link.send({ kind: 'start', phase: 'run', at: clock.wallTime() })
    await clock.advance(1500)
    for (let time = 0; time < 2; time++) link.send({ kind: 'settle' })
    await clock.advance(2000)
    expect(kinds().filter(kind => kind === 'prepared' || kind === 'ended' || kind === 'finished')).toEqual([
      'prepared',
      'ended',
      'finished',
    ])
    const sequences = told.flatMap(message => (message.kind === 'interval' ? message.sequence : []))
    expect(sequences).toEqual(sequences.map((_, index) => index + 1))
    expect(told).toContainEqual({ kind: 'finished', intervals: sequences.length })
  })

  it('ends its load when it is told to, but not before its time', async () => {
    const { clock, link, told } = started(() => planFor(60_000))
    link.send({ kind: 'assign', ...assignment })
    await clock.advance(0)
    link.send({ kind: 'start', phase: 'run', at: clock.wallTime() })
    link.send({ kind: 'control', sequence: 1, atMs: 3000, command: { action: 'stop' } })
    await clock.advance(2900)
    expect(told.some(({ kind }) => kind === 'ended')).toBe(false)
    await clock.advance(200)
    expect(told).toContainEqual({ kind: 'ended', phase: 'run', atMs: expect.closeTo(3000, -2) })
  })

  it('makes longer intervals while the coordinator acknowledges none', async () => {
    const { clock, link, intervals } = started(() => planFor(60_000), { acknowledges: false })
    link.send({ kind: 'assign', ...assignment })
    await clock.advance(0)
    link.send({ kind: 'start', phase: 'run', at: clock.wallTime() })
    await clock.advance(45_000)
    expect(intervals()).toHaveLength(30)
    link.send({ kind: 'acknowledge', sequence: 30 })
    await clock.advance(1000)
    const last = intervals().at(-1)!
    expect(last.sequence).toBe(31)
    expect(last.interval.toMs - last.interval.fromMs).toBeGreaterThan(14_000)
  })

  it('refuses a coordinator of another version, and a scenario that does not load, with the reason', async () => {
    const other = started(() => planFor(1000))
    other.link.send({ kind: 'assign', ...assignment, version: '2.0.0' })
    await other.clock.advance(0)
    const state = 'scenario_failed'
    expect(other.told.at(-1)).toEqual({
      kind: 'failed',
      outcome: {
        state,
        detail: 'A worker could not take part: it is of version 1.0.0, and the coordinator of version 2.0.0.',
      },
    })
    const broken = started(() => {
      throw new Error('the file is gone')
    })
    broken.link.send({ kind: 'assign', ...assignment })
    await broken.clock.advance(0)
    expect(broken.told.at(-1)).toMatchObject({
      outcome: { state, detail: 'A worker could not take part: the file is gone.' },
    })
  })

  it('ends at once when its coordinator is gone', async () => {
    const { clock, link, state } = started(() => planFor(60_000))
    link.send({ kind: 'assign', ...assignment })
    await clock.advance(0)
    link.send({ kind: 'start', phase: 'run', at: clock.wallTime() })
    await clock.advance(1500)
    link.close()
    await clock.advance(5000)
    expect(state.isOver).toBe(true)
  })
})
