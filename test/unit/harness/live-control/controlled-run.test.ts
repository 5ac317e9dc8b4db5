import { describe, expect, it } from 'vitest'
import type { LoadChange } from '../../../../harness/load/load-course.ts'
import type { RunLoad } from '../../../../harness/load/run-load.ts'
import { ControlledRun } from '../../../../harness/live-control/controlled-run.ts'
import { LiveStop } from '../../../../harness/live-control/live-stop.ts'
import type { Mark } from '../../../../harness/metrics/observations.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const users = { executor: 'constant-vus', vus: 10, durationMs: 10_000, gracefulStopMs: 0 } as const
const rate = {
  executor: 'constant-arrival-rate',
  ratePerSecond: 50,
  timeUnitMs: 1000,
  durationMs: 20_000,
  preAllocatedVUs: 5,
  maxVUs: 9,
  arrivals: 'constant',
  gracefulStopMs: 0,
} as const
const named = (name: string | undefined, load: RunLoad['load']): RunLoad => ({
  name,
  load,
  startMs: 0,
  users: [],
  firstId: 0,
})
const two = [named('browse', users), named('sale', rate)]

function controlled(
  loads: RunLoad[] = [named(undefined, users)],
  { leadMs = 0, workers = 1, over = [] as string[] } = {},
) {
  const clock = new FakeClock()
  const run = new ControlledRun({
    id: 'shop-1',
    scenario: 'shop',
    targetUrl: 'http://127.0.0.1:1',
    folder: '/',
    since: 0,
  })
  const changes: LoadChange[] = []
  const marks: Mark[] = []
  const begin = () =>
    run.begin({
      clock,
      startedAt: 0,
      loads,
      workers,
      leadMs,
      change: change => changes.push(change),
      mark: mark => marks.push(mark),
      isEnding: () => false,
      isOver: ({ name }) => over.includes(name ?? ''),
    })
  return { clock, run, changes, marks, begin }
}

describe('a controlled run', () => {
  it('takes no change before its loads begin, and after they are over', () => {
    const { run, begin } = controlled()
    expect(run.status()).toMatchObject({ state: 'preparing', loads: [] })
    expect(run.give({ kind: 'pause' })).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('still preparing'),
    })
    begin()
    run.end()
    expect(run.status().state).toBe('ending')
    expect(run.give({ kind: 'pause' })).toEqual({ state: 'refused', reason: 'the run is ending already' })
    expect(run.give({ kind: 'abort' })).toEqual({ state: 'refused', reason: 'the run is ending already' })
  })

  it('passes a change on with the offset at which it applies, and marks it', async () => {
    const { clock, run, changes, marks, begin } = controlled(undefined, { leadMs: 200 })
    begin()
    await clock.advance(1000)
    expect(run.give({ kind: 'pause' })).toMatchObject({ state: 'accepted', atMs: 1200 })
    expect(changes).toEqual([{ atMs: 1200, kind: 'pause' }])
    expect(run.changes).toEqual(changes)
    expect(marks).toMatchObject([{ atMs: 1200, label: 'pause', source: 'live control' }])
    await clock.advance(2000)
    expect(run.status()).toMatchObject({ state: 'paused', elapsedMs: 3000, endsAtMs: 11_800 })
    run.give({ kind: 'resume' })
    await clock.advance(1000)
    expect(run.status()).toMatchObject({ state: 'running', endsAtMs: 12_000 })
  })

  it('accepts what is so already, and changes and marks nothing', () => {
    const { run, changes, marks, begin } = controlled()
    begin()
    expect(run.give({ kind: 'resume' })).toMatchObject({
      state: 'accepted',
      detail: expect.stringContaining('so already'),
    })
    expect(run.give({ kind: 'scale', size: { users: 10 } })).toMatchObject({
      state: 'accepted',
      detail: expect.stringContaining('so already'),
    })
    expect(changes).toEqual([])
    expect(marks).toEqual([])
  })

  it('says that the load is as planned again after a factor of 1', () => {
    const { run, begin } = controlled()
    begin()
    expect(run.give({ kind: 'scale', size: { factor: 2 } })).toMatchObject({
      detail: 'The load is 2 times the plan from 0s on.',
    })
    expect(run.give({ kind: 'scale', size: { factor: 1 } })).toMatchObject({
      detail: 'The load is as planned from 0s on.',
    })
  })

  it('finds the load that a size fits, and refuses to guess', () => {
    const { run, changes, marks, begin } = controlled(two)
    begin()
    run.give({ kind: 'scale', size: { rate: 100 } })
    run.give({ kind: 'scale', size: { users: 5 } })
    run.give({ kind: 'scale', size: { factor: 3 } })
    run.give({ kind: 'pause', load: 'sale' })
    expect(changes).toEqual([
      { atMs: 0, kind: 'scale', load: 'sale', factor: 2 },
      { atMs: 0, kind: 'scale', load: 'browse', factor: 0.5 },
      { atMs: 0, kind: 'scale', factor: 3 },
      { atMs: 0, kind: 'pause', load: 'sale' },
    ])
    expect(marks.map(({ label }) => label)).toEqual([
      'scale sale to a rate of 100',
      'scale browse to 5 users',
      'scale to 3 × the plan',
      'pause sale',
    ])
    expect(run.status()).toMatchObject({
      state: 'running',
      loads: [{ isPaused: false }, { isPaused: true, factor: 3 }],
    })
    const both = controlled([named('one', users), named('other', users)])
    both.begin()
    expect(both.run.give({ kind: 'scale', size: { users: 5 } })).toMatchObject({
      reason: 'several loads are driven by users',
      nextStep: 'Name one with --load: one, other.',
    })
    expect(both.run.give({ kind: 'scale', size: { rate: 5 } })).toMatchObject({
      reason: 'no load is driven by arrivals',
    })
  })

  it('refuses a load that is not there or is over', () => {
    const { run, begin } = controlled(two, { over: ['browse'] })
    begin()
    expect(run.give({ kind: 'pause', load: 'sael' })).toMatchObject({
      reason: 'there is no load "sael"; did you mean sale?',
      nextStep: 'There are browse, sale.',
    })
    expect(run.give({ kind: 'pause', load: 'browse' })).toMatchObject({ reason: 'the load browse is over' })
  })

  it('stops gracefully, and then at once, with the command as the reason', () => {
    const { run, marks, begin } = controlled()
    begin()
    expect(run.give({ kind: 'stop' })).toMatchObject({ state: 'accepted', atMs: 0 })
    expect(run.stopped.reason).toBeInstanceOf(LiveStop)
    expect(run.killed.aborted).toBe(false)
    expect(run.give({ kind: 'stop' })).toMatchObject({ state: 'refused' })
    expect(run.give({ kind: 'pause' })).toMatchObject({ state: 'refused' })
    expect(run.give({ kind: 'abort' })).toMatchObject({ state: 'accepted' })
    expect(run.killed.aborted).toBe(true)
    expect(marks.map(({ label }) => label)).toEqual(['stop', 'abort'])
  })

  it('is ending when its schedule is over', async () => {
    const { clock, run, begin } = controlled()
    begin()
    await clock.advance(10_000)
    expect(run.status().state).toBe('ending')
    expect(run.give({ kind: 'scale', size: { factor: 2 } })).toMatchObject({ state: 'refused' })
  })

  it('takes a thousand changes and no more', () => {
    const { run, begin } = controlled()
    begin()
    for (let change = 0; change < 500; change++) {
      run.give({ kind: 'pause' })
      run.give({ kind: 'resume' })
    }
    expect(run.give({ kind: 'pause' })).toMatchObject({ reason: 'expected at most 1000 changes in a run' })
  })
})
