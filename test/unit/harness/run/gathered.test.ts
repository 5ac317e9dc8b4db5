import { describe, expect, it } from 'vitest'
import { receiptsOf } from '../../../../harness/metrics/fan-out-receipts.ts'
import type { Interval } from '../../../../harness/metrics/interval.ts'
import { nothingObserved } from '../../../../harness/metrics/observations.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { Gathered } from '../../../../harness/run/gathered.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

function intervalOf(worker: number, second: number, more: Partial<Interval> = {}): Interval {
  const delta = new Snapshot()
  delta.value('iterations', {}).total = 10
  return {
    second,
    worker,
    fromMs: second * 1000,
    toMs: second * 1000 + 1000,
    delta,
    offered: 0,
    gauges: { users: 3, streams: 2, sockets: 1 },
    present: { streams: 2, sockets: 1, begunUsers: 3 },
    ...more,
  }
}

describe('Gathered', () => {
  it('adds up what all workers have now, without those that are gone', () => {
    const gathered = new Gathered(new FakeClock(), 0, text => text)
    gathered.add(intervalOf(0, 0))
    gathered.add(intervalOf(1, 0))
    gathered.add(intervalOf(1, 1, { present: { streams: 5, sockets: 0, begunUsers: 4 } }))
    expect(gathered.present).toEqual({ streams: 7, sockets: 1, begunUsers: 7 })
    gathered.leave(1)
    expect(gathered.present).toEqual({ streams: 2, sockets: 1, begunUsers: 3 })
    expect(gathered.measurements.snapshot.total('iterations')).toBe(30)
  })

  it('knows the users of a load, and that it is over when it is for all workers', () => {
    const gathered = new Gathered(new FakeClock(), 0, text => text)
    const slice = { load: 'sale', offered: 0, users: 3, activeUsers: 2 }
    expect(gathered.load('sale')).toEqual({ users: 0, isOver: false })
    gathered.add(intervalOf(0, 0, { loads: [slice] }))
    gathered.add(intervalOf(1, 0, { loads: [{ ...slice, activeUsers: 0, endedMs: 900 }] }))
    expect(gathered.load('sale')).toEqual({ users: 2, isOver: false })
    gathered.add(intervalOf(0, 1, { loads: [{ ...slice, activeUsers: 0, endedMs: 1700 }] }))
    expect(gathered.load('sale')).toEqual({ users: 0, isOver: true })
  })

  it('knows at the end how long an event took to the last of the consumers of all workers, so that thresholds can judge it', () => {
    const gathered = new Gathered(new FakeClock(), 0, text => text)
    const receivedAt = (at: number) => {
      const receipt = {
        sequence: 'hall',
        ordinal: 4,
        tags: { transport: 'ws' as const },
        firstAt: at,
        lastAt: at,
        receipts: 1,
      }
      return { ...nothingObserved, receipts: receiptsOf([receipt], 1) }
    }
    gathered.add(intervalOf(0, 0, { observations: receivedAt(700) }))
    gathered.add(intervalOf(1, 0, { observations: receivedAt(730) }))
    gathered.end()
    const [skew, ...others] = gathered.measurements.snapshot.select('event_fanout_skew', { transport: 'ws' })
    expect(others).toEqual([])
    expect(skew?.value.histogram.count).toBe(1)
    expect(skew?.value.histogram.maxMs).toBeCloseTo(30, 0)
  })

  it('adds failures of the coordinator to the latest second, concealed, and changes no number of a worker', () => {
    const gathered = new Gathered(new FakeClock(), 0, text => text.replace('hush', '***'))
    gathered.fail({ reason: 'refused', name: '/healthz', example: 'at hush' })
    gathered.settle()
    expect(gathered.measurements.seconds).toEqual([])
    gathered.add(intervalOf(0, 0))
    gathered.fail({ reason: 'other', name: 'cut', example: 'failed' })
    gathered.settle()
    gathered.settle()
    gathered.end()
    const { seconds, snapshot, breakdown } = gathered.measurements
    expect(snapshot.errors.rows().map(({ name, count, example }) => [name, count, example])).toEqual([
      ['cut', 1, 'failed'],
      ['/healthz', 1, 'at ***'],
    ])
    expect(breakdown.failures.cell('other ', 0)).toBe(1)
    expect(seconds).toHaveLength(1)
    expect(seconds[0]).toMatchObject({ fromMs: 0, toMs: 1000 })
    expect([...seconds[0]!.workers]).toEqual([[0, { gauges: { users: 3, streams: 2, sockets: 1 } }]])
  })

  it('hands on all that it gathers, and its marks at the end', () => {
    const seen: Interval[] = []
    const gathered = new Gathered(
      new FakeClock(),
      0,
      text => text,
      interval => seen.push(interval),
    )
    gathered.add(intervalOf(0, 0))
    gathered.marks.push({ atMs: 500, label: 'cut', detail: '' })
    gathered.end()
    expect(seen.map(({ observations }) => observations?.marks)).toEqual([undefined, gathered.marks])
    expect(gathered.measurements.observations.marks).toEqual(gathered.marks)
  })
})
