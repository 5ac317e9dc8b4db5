import { describe, expect, it } from 'vitest'
import { Concurrency } from '../../../../harness/metrics/concurrency.ts'
import { Intervals } from '../../../../harness/metrics/intervals.ts'
import { Measurements } from '../../../../harness/metrics/measurements.ts'
import { pointOf } from '../../../../harness/results/timeline.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

function concurrencyOf(count: number): Concurrency {
  const concurrency = new Concurrency()
  for (let entered = 0; entered < count; entered++) concurrency.enter()
  return concurrency
}

function timeline(open: boolean) {
  const { clock, recorder, tally } = fakeFloor([{ behaviour: { iterate: () => {} } }])
  const monitor = { read: () => ({ cpu: 0.25, eventLoopDelayP99Ms: 2, gc: 0.01 }), close: () => {} }
  const measurements = new Measurements()
  const intervals = new Intervals({
    clock,
    recorder,
    monitor,
    users: tally.users,
    streams: concurrencyOf(4),
    sockets: concurrencyOf(6),
    tally,
    startedAt: 0,
    worker: 0,
    sink: interval => measurements.add(interval),
  })
  const line = {
    get points() {
      return measurements.seconds.map(second => pointOf(second, open))
    },
    close() {
      intervals.close()
      return line.points.at(-1)!
    },
    end: (now: number) => intervals.end(now),
  }
  return { clock, recorder, tally, line }
}

describe('the timeline of a run', () => {
  it('has in each point the samples since the previous one, over the true length of that second', async () => {
    const { clock, recorder, tally, line } = timeline(true)
    tally.offer(30)
    recorder.add('iterations', {}, 20)
    recorder.time('event_e2e_latency', {}, 80)
    await clock.advance(1000)
    expect(line.close()).toMatchObject({
      atMs: 1000,
      offeredPerSecond: 30,
      iterationsPerSecond: 20,
      openStreams: 4,
      openSockets: 6,
    })
    recorder.add('iterations', {}, 20)
    recorder.add('dropped_iterations', {}, 3)
    await clock.advance(2000)
    expect(line.close()).toMatchObject({
      atMs: 3000,
      offeredPerSecond: 0,
      iterationsPerSecond: 10,
      droppedIterations: 3,
      e2eP99Ms: 0,
      generatorCpu: 0.25,
    })
    expect(line.points.map(({ e2eP99Ms }) => Math.round(e2eP99Ms))).toEqual([80, 0])
  })

  it('shows every peak of users, however short, also in the rest of the last second', async () => {
    const { clock, tally, line } = timeline(false)
    const peak = (count: number) => {
      while (tally.users.now < count) tally.users.enter()
      while (tally.users.now > count) tally.users.leave()
    }
    peak(7)
    peak(2)
    await clock.advance(1000)
    line.close()
    await clock.advance(1000)
    line.close()
    peak(9)
    peak(0)
    await clock.advance(20)
    line.end(clock.now())
    expect(line.points.map(({ activeUsers }) => activeUsers)).toEqual([7, 9])
    await clock.advance(400)
    line.end(clock.now())
    expect(line.points).toHaveLength(3)
  })

  it('leaves nothing out, however short the rest of the last second or the whole run is', async () => {
    const { clock, recorder, line } = timeline(false)
    recorder.add('iterations', {}, 20)
    await clock.advance(1000)
    line.close()
    recorder.add('iterations', {}, 15)
    recorder.add('dropped_iterations', {}, 3)
    await clock.advance(200)
    // What is counted while connections are closed belongs to the run, and makes it no longer.
    await clock.advance(4000)
    line.end(1200)
    expect(line.points).toHaveLength(1)
    const [point] = line.points
    expect(point).toMatchObject({ atMs: 1200, droppedIterations: 3 })
    expect((point!.iterationsPerSecond * point!.atMs) / 1000).toBeCloseTo(35)

    const short = timeline(false)
    short.recorder.add('iterations', {}, 2)
    await short.clock.advance(100)
    short.line.end(100)
    expect(short.line.points).toMatchObject([{ atMs: 100, iterationsPerSecond: 20 }])
  })

  it('has an offered rate for open models only', () => {
    expect(timeline(false).line.close()).not.toHaveProperty('offeredPerSecond')
    expect(timeline(true).line.close()).toHaveProperty('offeredPerSecond')
  })
})
