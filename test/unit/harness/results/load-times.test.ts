import { describe, expect, it } from 'vitest'
import type { RunLoad } from '../../../../harness/load/run-load.ts'
import { mostUsers, timesOfLoads } from '../../../../harness/results/load-times.ts'

const load = { executor: 'constant-vus', vus: 1, durationMs: 5000, gracefulStopMs: 0 } as const
const run = (name: string | undefined, startMs: number): RunLoad => ({ name, startMs, load, users: [], firstId: 0 })
const second = (ends: Record<string, number>, users: Record<number, number> = {}) => ({
  loads: new Map(
    Object.entries(ends).map(([name, endedMs]) => [
      name,
      { endedMs, users: new Map(Object.entries(users).map(([worker, count]) => [Number(worker), count])) } as never,
    ]),
  ),
})

describe('timesOfLoads', () => {
  it('counts from the start of a load until the last of its users had ended, or until now', () => {
    const loads = [run('browse', 0), run('sale', 2000), run('late', 9000)]
    const seconds = [
      second({ browse: Number.NEGATIVE_INFINITY, sale: Number.NEGATIVE_INFINITY }),
      second({ sale: 7100 }),
    ]
    expect([...timesOfLoads(loads, seconds, 8000)]).toEqual([
      ['browse', { fromMs: 0, toMs: 8000, pausedMs: 0 }],
      ['sale', { fromMs: 2000, toMs: 7100, pausedMs: 0 }],
      ['late', { fromMs: 8000, toMs: 8000, pausedMs: 0 }],
    ])
  })

  it('counts the pauses of live control, which put a load off that had not begun', () => {
    const pause = [
      { atMs: 1000, kind: 'pause' },
      { atMs: 3000, kind: 'resume' },
    ] as const
    expect([...timesOfLoads([run('browse', 0), run('sale', 2000)], [], 8000, pause)]).toEqual([
      ['browse', { fromMs: 0, toMs: 8000, pausedMs: 2000 }],
      ['sale', { fromMs: 4000, toMs: 8000, pausedMs: 0 }],
    ])
  })

  it('has none of a load without a name, which runs as long as the run', () => {
    expect(timesOfLoads([run(undefined, 0)], [], 8000).size).toBe(0)
  })
})

describe('mostUsers', () => {
  it('adds up the peaks of all workers', () => {
    expect(mostUsers(second({ browse: 0 }, { 0: 3, 1: 4 }), 'browse')).toBe(7)
    expect(mostUsers(second({}), 'browse')).toBe(0)
  })
})
