import { describe, expect, it } from 'vitest'
import { Gaps } from '../../../../target/capacity/station-book.ts'
import { gaps } from './gaps.ts'

describe('the gaps between arrivals', () => {
  it('have a rate, and a variation that tells a Poisson process from a metronome', () => {
    expect(gaps(0.2, 'even').rate).toBeCloseTo(0.2, 9)
    expect(gaps(0.2, 'even').squaredVariation).toBeCloseTo(0, 9)
    expect(gaps(0.2, 'poisson').squaredVariation).toBeCloseTo(1, 1)
  })

  it('are not known before there are two arrivals at different times', () => {
    const none = new Gaps()
    none.add(4)
    none.add(4)
    expect({ rate: none.rate, squaredVariation: none.squaredVariation }).toEqual({
      rate: undefined,
      squaredVariation: undefined,
    })
  })
})
