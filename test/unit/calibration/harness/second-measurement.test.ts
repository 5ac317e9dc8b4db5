import { describe, expect, it } from 'vitest'
import { exactRow } from '../../../../calibration/check-row.ts'
import type { HarnessBench } from '../../../../calibration/harness/bench.ts'
import { checkedTwice } from '../../../../calibration/harness/second-measurement.ts'
import type { Subject } from '../../../../calibration/harness/subject.ts'

const bench = { seed: 7 } as HarnessBench

/** Returns a subject whose measurements observe these counts one after another; 1 is right. */
function subjectOf(...measurements: number[][]): { subject: Subject; seeds: number[] } {
  const seeds: number[] = []
  return {
    seeds,
    subject: {
      name: 'counts',
      title: 'Counts',
      question: 'Are the counts right?',
      method: 'By counting.',
      async check({ seed }) {
        const counts = measurements[seeds.length] ?? []
        seeds.push(seed)
        return { rows: counts.map((count, index) => exactRow(`row ${index} counted ${count}`, 1, count)) }
      },
    },
  }
}

describe('a subject is checked a second time', () => {
  it('never if all rows are within', async () => {
    const { subject, seeds } = subjectOf([1, 1])
    const { rows } = await checkedTwice(subject, bench)
    expect([seeds, rows.map(({ state }) => state)]).toEqual([[7], ['within', 'within']])
  })

  it('with the next seed if a row is outside, which is confirmed when it is outside again', async () => {
    const { subject, seeds } = subjectOf([1, 2, 3], [5, 4, 1])
    const { rows } = await checkedTwice(subject, bench)
    expect([seeds, rows.map(({ observed, state }) => [observed, state])]).toEqual([
      [7, 8],
      [
        [1, 'within'],
        [2, 'outside'],
        [3, 'invalid'],
      ],
    ])
    expect(rows[2]?.reason).toBe('a second measurement was not outside')
  })

  it('and stays as it was if the second measurement has other rows', async () => {
    const { subject } = subjectOf([2, 1], [1])
    const { rows } = await checkedTwice(subject, bench)
    expect(rows.map(({ state }) => state)).toEqual(['outside', 'within'])
  })
})
