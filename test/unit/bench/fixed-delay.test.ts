import { expect, it } from 'vitest'
import { reportOf } from '../../../bench/fixed-delay.ts'

it('The p99 of a fixed delay is reported with its rounds, and compared with its mark', () => {
  const readings = [112, 118, 114].map(p99Ms => ({
    requests: 5000,
    failed: 0,
    seconds: 2,
    cpuSeconds: 1,
    p50Ms: 102,
    p99Ms,
  }))
  const { tables, marks } = reportOf(readings)
  expect(tables[0]!.rows).toEqual([['target', '102.0', '114.0', '112.0…118.0', '2,500']])
  expect(marks).toMatchObject([{ rounds: [112, 118, 114], holds: true }])
})
