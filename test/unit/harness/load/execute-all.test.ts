import { describe, expect, it } from 'vitest'
import { executeAll } from '../../../../harness/load/execute-all.ts'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import { wholeRun } from '../../../../harness/metrics/interval.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

const once: LoadPlan = { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDurationMs: 9000, gracefulStopMs: 0 }

describe('executeAll', () => {
  function loadsAt(...starts: number[]) {
    const clock = new FakeClock()
    const begun: [string, number][] = []
    const loads = starts.map((startMs, index) => {
      const name = `load ${index}`
      const iterate = () => {
        begun.push([name, clock.now()])
        return clock.sleep(700)
      }
      const floor = fakeFloor([{ behaviour: { iterate } }], wholeRun, { load: name, clock })
      return { ...floor, load: { name, startMs, load: once, users: [], firstId: 0 } }
    })
    return { clock, begun, loads }
  }

  it('starts each load at its time, and ends when the last one has', async () => {
    const { clock, begun, loads } = loadsAt(0, 2000, 500)
    await clock.finish(executeAll(loads, 0))
    expect(begun).toEqual([
      ['load 0', 0],
      ['load 2', 500],
      ['load 1', 2000],
    ])
    expect(loads.map(({ tally }) => tally.endedAt)).toEqual([700, 2700, 1200])
    expect(clock.now()).toBe(2700)
  })

  it('starts no load whose time comes after the run was stopped', async () => {
    const { clock, begun, loads } = loadsAt(0, 2000)
    const all = executeAll(loads, 0)
    await clock.advance(1000)
    for (const { stop } of loads) stop.abort()
    await clock.finish(all)
    expect(begun).toEqual([['load 0', 0]])
    expect(clock.now()).toBe(1000)
  })
})
