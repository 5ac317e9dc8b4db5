import { beforeEach, describe, expect, it } from 'vitest'
import { inProcessLink } from '../../../../harness/bus/in-process-link.ts'
import { ClockComparison } from '../../../../harness/coordination/clock-comparison.ts'
import { CrewMember } from '../../../../harness/coordination/member.ts'
import type { ToCoordinator, ToWorker } from '../../../../harness/coordination/messages.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const AHEAD_MS = 180_000

let clock: FakeClock
let comparison: ClockComparison
let member: CrewMember
/** Time of each message to the worker and back; undefined for one that is lost. */
let ways: ([thereMs: number, backMs: number] | undefined)[]

beforeEach(() => {
  clock = new FakeClock()
  comparison = new ClockComparison(clock)
  ways = []
  const [link, ofWorker] = inProcessLink<ToWorker, ToCoordinator>()
  member = new CrewMember(0, { link, leadMs: 1 })
  let asked = 0
  link.receive(message => {
    if (message.kind === 'pong') comparison.hear(message)
  })
  ofWorker.receive(message => {
    const way = ways[asked++]
    if (message.kind !== 'ping' || way === undefined) return
    void clock.sleep(way[0]).then(async () => {
      const wallTime = clock.wallTime() + AHEAD_MS
      await clock.sleep(way[1])
      ofWorker.send({ kind: 'pong', id: message.id, wallTime })
    })
  })
})

const measured = async () => {
  await clock.finish(comparison.measure(member))
  return { offsetMs: member.clockOffsetMs, uncertaintyMs: member.clockUncertaintyMs }
}

describe('the comparison of clocks', () => {
  it('takes the quickest answer, and half of its way as the largest error', async () => {
    ways = [
      [40, 40],
      [3, 1],
      [10, 10],
      [30, 5],
      [9, 9],
    ]
    expect(await measured()).toEqual({ offsetMs: AHEAD_MS + 1, uncertaintyMs: 2 })
  })

  it.each([
    [0, 20],
    [20, 0],
    [7, 13],
  ])('is never wrong by more than it says, for %d ms there and %d ms back', async (there, back) => {
    ways = Array.from({ length: 5 }, () => [there, back] as [number, number])
    const { offsetMs, uncertaintyMs } = await measured()
    expect(Math.abs(offsetMs - AHEAD_MS)).toBeLessThanOrEqual(uncertaintyMs!)
  })

  it('asks again when answers are lost, as while a bus starts again', async () => {
    ways = [undefined, undefined, undefined, [2, 2], undefined, [5, 5]]
    expect(await measured()).toEqual({ offsetMs: AHEAD_MS, uncertaintyMs: 2 })
  })

  it('knows nothing of a worker that never answers', async () => {
    expect(await measured()).toEqual({ offsetMs: 0, uncertaintyMs: undefined })
  })

  it('corrects nothing where the difference is within the error', async () => {
    member.clockOffsetMs = 3
    member.clockUncertaintyMs = 4
    expect(member.measuredOffsetMs).toBe(0)
    member.clockOffsetMs = -5
    expect(member.measuredOffsetMs).toBe(-5)
  })
})
