import { expect, it } from 'vitest'
import { reportOf } from '../../../../bench/benchmarks/start.ts'

it('Starts are reported with their rounds, and compared with a process that does nothing', () => {
  const turns = (...cpuMs: number[]) => cpuMs.map(ms => ({ cpuMs: ms, wallMs: 2 * ms }))
  const readings = {
    node: turns(20, 25, 20),
    help: turns(100, 100, 120),
    target: turns(600, 600, 600),
    run: turns(300, 300, 300),
  }
  const { tables, marks } = reportOf(readings)
  expect(tables[0]!.rows[1]).toEqual(['help', '100', '100…120', '5.0', '200', '200…240'])
  expect(marks).toMatchObject([
    { rounds: [5, 4, 6], holds: true },
    { rounds: [30, 24, 30], holds: false },
    { rounds: [15, 12, 15], holds: true },
  ])
})
