import { describe, expect, it } from 'vitest'
import { marksOf, tableOf, type MeasuredWay } from '../../../../bench/benchmarks/idle-protocols.ts'

const measured: MeasuredWay[] = [
  { way: { name: 'STOMP', limitKb: 24, floor: { name: 'ws', path: '' } }, target: [20, 30], alone: [10, 10] },
  { way: { name: 'SSE over TLS', limitKb: 80 }, target: [60, 62], alone: [] },
]

describe('the memory of idle connections by protocol', () => {
  it('stands beside that of the library alone, if there is one', () => {
    expect(tableOf(measured).rows).toEqual([
      ['STOMP', '25.00 (20.00…30.00)', 'ws', '10.00 (10.00…10.00)', '2.50 (2.00…3.00)'],
      ['SSE over TLS', '61.00 (60.00…62.00)', '–', '–', '–'],
    ])
  })

  it('is compared with the mark of its own protocol', () => {
    expect(marksOf(measured).map(({ claim, holds }) => [claim, holds])).toEqual([
      ['STOMP: KB of resident memory by idle connection ≤ 24', false],
      ['SSE over TLS: KB of resident memory by idle connection ≤ 80', true],
    ])
  })
})
