import { describe, expect, it } from 'vitest'
import { IncompleteGamma, logGamma } from '../../../core/incomplete-gamma.ts'

/** Worked out to forty digits with mpmath, like the values below. */
const SHARES: [shape: number, x: number, lower: number, upper: number][] = [
  [0.01, 1, 0.997783765376772, 0.00221623462322799],
  [0.5, 1e-8, 0.00011283791633342487, 0.9998871620836666],
  [0.5, 30, 0.9999999999999906, 9.485737571073848e-15],
  [1, 2, 0.8646647167633873, 0.1353352832366127],
  [2.5, 0.5, 0.03743422675270363, 0.9625657732472964],
  [2.5, 5, 0.9247647538534878, 0.07523524614651218],
  [20, 5, 3.45213582091446e-7, 0.999999654786418],
  [20, 30, 0.9781265315586092, 0.021873468441390854],
  [100, 100, 0.5132987982791487, 0.48670120172085135],
  [1000, 900, 0.0005499022657117829, 0.9994500977342882],
  [1000, 1200, 0.9999999987118394, 1.2881606086281433e-9],
]

const LOGARITHMS: [x: number, logGamma: number][] = [
  [0.01, 4.599479878042022],
  [0.5, 0.5723649429247001],
  [1.5, -0.12078223763524522],
  [3.7, 1.428072326665388],
  [10, 12.801827480081469],
  [100, 359.1342053695754],
  [1001, 5912.128178488163],
]

describe('the incomplete gamma function', () => {
  it.each(SHARES)('of shape %d up to %d', (shape, x, lower, upper) => {
    const gamma = new IncompleteGamma(shape)
    expect(gamma.lower(x) / lower).toBeCloseTo(1, 11)
    expect(gamma.upper(x) / upper).toBeCloseTo(1, 11)
  })

  it('stays within 0…1 at its ends', () => {
    const gamma = new IncompleteGamma(3)
    expect([-1, 0, Number.POSITIVE_INFINITY].map(x => [gamma.lower(x), gamma.upper(x)])).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
    ])
  })
})

describe('logGamma', () => {
  it.each(LOGARITHMS)('of %d is %d', (x, expected) => expect(logGamma(x) / expected).toBeCloseTo(1, 13))

  it('is 0 at 1 and 2', () => {
    expect(logGamma(1)).toBeCloseTo(0, 14)
    expect(logGamma(2)).toBeCloseTo(0, 14)
  })
})
