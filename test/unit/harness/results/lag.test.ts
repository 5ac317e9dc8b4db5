import { describe, expect, it } from 'vitest'
import type { LagSeries } from '../../../../harness/metrics/observations.ts'
import { consumerLag } from '../../../../harness/results/lag.ts'

const timeline = Array.from({ length: 6 }, (_, index) => ({ second: index, toMs: (index + 1) * 1000 }))

function lagOf(lag: LagSeries['lag'], members: [string, LagSeries['lag']][] = []) {
  const series: LagSeries = {
    stream: 'jobs',
    group: 'workers',
    lag,
    members: new Map(members.map(([key, lag], index) => [key, { partitions: [index], lag }])),
    incomplete: false,
  }
  return consumerLag({ lag: new Map([['x', series]]), lagUnavailable: undefined }, 'run-1', timeline).groups[0]!
}

describe('consumerLag', () => {
  it('finds the peak, and when the lag was nearly gone', () => {
    expect(lagOf([0, 400, 100, 4, 0, 2])).toMatchObject({ peak: 400, peakAtMs: 2000, atEnd: 2, caughtUpAfterMs: 2000 })
  })

  it('does not report a catch-up for a group that did not catch up', () => {
    const lag = lagOf([0, 400, 100, 50, 40, 30])
    expect(lag).toMatchObject({ peak: 400, atEnd: 30 })
    expect(lag.caughtUpAfterMs).toBeUndefined()
    expect(lagOf([0, 0, 0]).caughtUpAfterMs).toBeUndefined()
  })

  it('leaves a gap where the target did not respond, and does not treat it as the end of a lag', () => {
    const lag = lagOf([undefined, 400, undefined, 3])
    expect(lag).toMatchObject({ values: [400, 3], at: [1, 3] })
    expect(lag).toMatchObject({ atEnd: 3, caughtUpAfterMs: 2000 })
  })

  it('names members by user and ordinals, most behind first', () => {
    const lag = lagOf(
      [9],
      [
        ['run-1/worker-0/0', [2]],
        ['run-1/worker-1/0', [7]],
        ['connection-3', [0]],
      ],
    )
    expect(lag.members.map(({ member, peak, partitions }) => [member, peak, partitions])).toEqual([
      ['worker-1/0', 7, [1]],
      ['worker-0/0', 2, [0]],
      ['connection-3', 0, [2]],
    ])
  })
})
