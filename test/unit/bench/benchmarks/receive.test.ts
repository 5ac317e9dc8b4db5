import { expect, it } from 'vitest'
import type { LoadReading } from '../../../../bench/processes/load.ts'
import { received } from '../../../../bench/benchmarks/receive.ts'

const turn = (requests: number): LoadReading => ({ requests, failed: 0, seconds: 1, cpuSeconds: 0.5 })

it('Readers are compared by events per CPU second, with the two loops in the last rows', () => {
  const contenders = ['harness', 'parses', 'counts'].map(name => ({ name }))
  const { table, mark } = received('SSE', contenders, [[turn(300_000)], [turn(600_000)], [turn(1_200_000)]])
  expect(table.rows).toEqual([
    ['harness', '600,000', '1.67', '0.50', '0.25'],
    ['parses', '1,200,000', '0.83', '1.00', '0.50'],
    ['counts', '2,400,000', '0.42', '2.00', '1.00'],
  ])
  expect(mark).toMatchObject({ rounds: [0.6], holds: false })
})
