import { expect, it } from 'vitest'
import { reportOf } from '../../../../bench/benchmarks/fixed-delay.ts'

const turn = (p99Ms: number) => ({
  requests: 5000,
  failed: 0,
  seconds: 2,
  cpuSeconds: 1,
  p50Ms: 102,
  p90Ms: 104,
  p99Ms,
})

it('The p99 of a fixed delay is reported with its rounds, and compared with its mark and with bare node:http', () => {
  const readings = { target: [112, 118, 114].map(turn), 'bare node:http': [112, 100, 100].map(turn) }
  const { tables, marks } = reportOf(readings)
  expect(tables[0]!.rows).toEqual([
    ['target', '102.0', '104.0', '114.0', '112.0…118.0', '2,500'],
    ['bare node:http', '102.0', '104.0', '100.0', '100.0…112.0', '2,500'],
  ])
  expect(marks).toMatchObject([
    { rounds: [112, 118, 114], holds: true },
    { rounds: [104, 104, 104], holds: true },
    { rounds: [1, 1.18, 1.14], holds: false },
  ])
})
