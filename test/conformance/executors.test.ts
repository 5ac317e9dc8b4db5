import { describe, expect, it } from 'vitest'
import { execute } from '../../harness/load/execute.ts'
import type { LoadPlan } from '../../harness/load/plan.ts'
import { fakeFloor } from '../support/fake-floor.ts'

const open = { preAllocatedVUs: 2, maxVUs: 4, arrivals: 'constant', timeUnitMs: 1000 } as const

/** Each executor with a load of four seconds or four iterations a user, for iterations of one second. */
const loads: { load: LoadPlan; iterations: number; peakUsers: number; endsAtMs: number }[] = [
  {
    load: { executor: 'constant-vus', vus: 2, durationMs: 4000, gracefulStopMs: 1000 },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4000,
  },
  {
    load: {
      executor: 'ramping-vus',
      startVUs: 2,
      stages: [{ durationMs: 4000, target: 2 }],
      gracefulRampDownMs: 1000,
      gracefulStopMs: 1000,
    },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4000,
  },
  {
    load: { executor: 'per-vu-iterations', vus: 2, iterations: 4, maxDurationMs: 60_000, gracefulStopMs: 1000 },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4000,
  },
  {
    load: { executor: 'shared-iterations', vus: 2, iterations: 8, maxDurationMs: 60_000, gracefulStopMs: 1000 },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4000,
  },
  {
    load: { executor: 'constant-arrival-rate', ratePerSecond: 2, durationMs: 4000, gracefulStopMs: 1000, ...open },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4500,
  },
  {
    load: {
      executor: 'ramping-arrival-rate',
      startRatePerSecond: 2,
      stages: [{ durationMs: 4000, target: 2 }],
      gracefulStopMs: 1000,
      ...open,
    },
    iterations: 8,
    peakUsers: 2,
    endsAtMs: 4500,
  },
]

describe.each(loads)('$load.executor', ({ load, iterations, peakUsers, endsAtMs }) => {
  it('runs the iterations its schedule asks for and ends with it', async () => {
    const { clock, execution, snapshot, tally } = fakeFloor([{ behaviour: { iterate: () => clock.sleep(1000) } }])
    await clock.finish(execute(load, execution))
    expect(snapshot.total('iterations')).toBe(iterations)
    expect(snapshot.total('iterations_interrupted')).toBe(0)
    expect(snapshot.total('dropped_iterations')).toBe(0)
    expect(tally.users).toMatchObject({ peak: peakUsers, now: 0 })
    expect(clock.now()).toBe(endsAtMs)
  })

  it('begins and ends every user once', async () => {
    let [begun, ended] = [0, 0]
    const { clock, execution, tally } = fakeFloor([
      { behaviour: { begin: () => void begun++, iterate: () => clock.sleep(1000), end: () => void ended++ } },
    ])
    await clock.finish(execute(load, execution))
    expect(begun).toBe(2)
    expect(ended).toBe(2)
    expect(tally.begunUsers).toBe(2)
  })

  it('lets iterations end within the graceful stop, and begins none after it was asked to stop', async () => {
    const { clock, execution, snapshot, stop } = fakeFloor([{ behaviour: { iterate: () => clock.sleep(1000) } }])
    const run = execute(load, execution)
    await clock.advance(250)
    stop.abort()
    await clock.finish(run)
    const begun = 'ratePerSecond' in load || 'startRatePerSecond' in load ? 1 : 2
    expect(snapshot.total('iterations')).toBe(begun)
    expect(snapshot.total('iterations_interrupted')).toBe(0)
    expect(clock.now()).toBe(1000)
  })

  it('interrupts iterations that outlast the graceful stop, and abandons those that ignore it', async () => {
    const { clock, execution, snapshot, sessions, stop } = fakeFloor([
      {
        behaviour: {
          iterate: ({ vu }) => (vu.id === 0 ? new Promise(() => {}) : clock.sleep(9000, sessions[vu.id]?.interrupted)),
        },
      },
    ])
    const run = execute(load, execution)
    await clock.advance(600)
    stop.abort()
    await clock.advance(999)
    expect(snapshot.total('iterations_interrupted')).toBe(0)
    await clock.advance(1)
    expect(snapshot.total('iterations_interrupted')).toBe(1)
    await clock.finish(run)
    expect(snapshot.total('iterations_interrupted')).toBe(2)
    expect(snapshot.total('iterations')).toBe(0)
    expect(clock.now()).toBe(2100)
  })

  it('ends at once when killed', async () => {
    const { clock, execution, snapshot, stop, kill } = fakeFloor([
      { behaviour: { iterate: () => new Promise(() => {}) } },
    ])
    const run = execute(load, execution)
    await clock.advance(600)
    stop.abort()
    kill.abort()
    await clock.finish(run)
    expect(snapshot.total('iterations_interrupted')).toBe(2)
    expect(clock.now()).toBe(1100)
  })

  it('survives iterations that never wait', async () => {
    const { clock, execution, snapshot } = fakeFloor([{ behaviour: { iterate: () => {} } }])
    await clock.finish(execute(load, execution))
    expect(snapshot.total('iterations')).toBeGreaterThanOrEqual(iterations)
  })

  it('counts an exception and continues', async () => {
    let calls = 0
    const { clock, execution, snapshot } = fakeFloor([
      {
        behaviour: {
          async iterate() {
            await clock.sleep(1000)
            if (++calls % 2 === 0) throw new TypeError('no such field')
          },
        },
      },
    ])
    await clock.finish(execute(load, execution))
    expect(snapshot.total('iterations')).toBe(iterations / 2)
    expect(snapshot.total('iterations_failed')).toBe(iterations / 2)
    expect(snapshot.errors.rows()).toMatchObject([{ reason: 'exception', count: iterations / 2 }])
    expect(snapshot.errors.rows()[0]?.example).toMatch(/^TypeError: no such field \(executors\.test\.ts:\d+\)$/)
  })

  it('retries a begin that fails, but not in a hot loop', async () => {
    let begins = 0
    const { clock, execution, snapshot } = fakeFloor([
      {
        behaviour: {
          begin() {
            begins += 1
            throw new Error('no token')
          },
          iterate: () => {},
        },
      },
    ])
    await clock.finish(execute(load, execution))
    expect(begins).toBeGreaterThanOrEqual(8)
    expect(begins).toBeLessThanOrEqual(12)
    expect(snapshot.total('iterations')).toBe(0)
    expect(snapshot.errors.rows()).toMatchObject([{ name: 'user 0: begin', count: begins }])
  })
})

describe('ramping-vus', () => {
  it('stops the youngest first and gives each its graceful ramp-down', async () => {
    const ended: { ordinal: number; atMs: number }[] = []
    const { clock, execution, snapshot, sessions } = fakeFloor([
      {
        behaviour: {
          iterate: ({ vu }) => clock.sleep(100_000, sessions[vu.id]?.[vu.id === 3 ? 'interrupted' : 'stopping']),
          end: ({ vu }) => void ended.push({ ordinal: vu.id, atMs: clock.now() }),
        },
      },
    ])
    const run = execute(
      {
        executor: 'ramping-vus',
        startVUs: 4,
        stages: [
          { durationMs: 2000, target: 2 },
          { durationMs: 3000, target: 2 },
          { durationMs: 0, target: 0 },
        ],
        gracefulRampDownMs: 2000,
        gracefulStopMs: 0,
      },
      execution,
    )
    await clock.advance(3500)
    // The youngest was asked to stop at 1s and cut off 2s later; the next, asked at 2s, ended by itself.
    expect(snapshot.total('iterations_interrupted')).toBe(1)
    expect(ended).toEqual([{ ordinal: 2, atMs: 2000 }])
    await clock.finish(run)
    expect(ended.map(({ ordinal }) => ordinal)).toEqual([2, 1, 0])
  })
})

describe('open models', () => {
  it('drop and count an arrival that finds no free user and cannot make one', async () => {
    const { clock, execution, snapshot, tally } = fakeFloor([{ behaviour: { iterate: () => clock.sleep(10_000) } }])
    await clock.finish(
      execute(
        {
          executor: 'constant-arrival-rate',
          ratePerSecond: 10,
          durationMs: 2000,
          gracefulStopMs: 20_000,
          preAllocatedVUs: 1,
          maxVUs: 3,
          arrivals: 'constant',
          timeUnitMs: 1000,
        },
        execution,
      ),
    )
    expect(tally).toMatchObject({ offered: 20, users: { peak: 3 } })
    expect(snapshot.total('iterations')).toBe(3)
    expect(snapshot.total('dropped_iterations')).toBe(17)
  })

  it('drop iterations that have not begun a second after their time', async () => {
    let stallMs = 5000
    const stallOnce = () => {
      clock.stall(stallMs)
      stallMs = 0
    }
    const { clock, execution, snapshot, tally } = fakeFloor([{ behaviour: { iterate: stallOnce } }])
    const load = { ...open, executor: 'constant-arrival-rate', ratePerSecond: 10, durationMs: 2000 } as const
    await clock.finish(execute({ ...load, preAllocatedVUs: 20, maxVUs: 20, gracefulStopMs: 0 }, execution))
    expect(tally.offered).toBe(20)
    expect(snapshot.total('iterations')).toBe(1)
    expect(snapshot.total('dropped_iterations')).toBe(19)
  })

  it('tell each user when its iteration was due', async () => {
    const due: (number | undefined)[] = []
    const { clock, execution, sessions } = fakeFloor([
      { behaviour: { iterate: ({ vu }) => void due.push(sessions[vu.id]?.dueAt) } },
    ])
    const load = { ...open, executor: 'constant-arrival-rate', ratePerSecond: 4, durationMs: 1000 } as const
    await clock.finish(execute({ ...load, gracefulStopMs: 0 }, execution))
    expect(due).toEqual([0, 250, 500, 750])
  })
})
