import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { ShiftChance } from '../../../../harness/statistics/shift-chance.ts'
import { historyNoises } from './simulated-history.ts'

describe('ShiftChance', () => {
  it.each(Object.keys(historyNoises))('has an even distribution of p without a change: %s noise', noise => {
    const chance = new ShiftChance(2, 499)
    const histories = 200
    const ps = Array.from({ length: histories }, (_, history) => {
      const draws = random(6).fork(noise, history)
      return chance.test(Array.from({ length: 12 }, () => historyNoises[noise]!(draws))).p
    })
    // Three standard errors. Ties make p larger, never smaller.
    for (const limit of [0.05, 0.2, 0.5]) {
      const error = Math.sqrt((limit * (1 - limit)) / histories)
      expect(ps.filter(p => p <= limit).length / histories, `p ≤ ${limit}`).toBeLessThan(limit + 3 * error)
    }
    if (noise !== 'rounded') expect(ps.filter(p => p <= 0.5).length / histories).toBeGreaterThan(0.39)
  })

  it('knows that a clear step of eight runs is hardly chance, and that seven cannot show one', () => {
    const chance = new ShiftChance(1)
    expect(chance.test([1, 2, 3, 4, 11, 12, 13, 14].map((value, index) => value + index / 100)).p).toBeLessThan(0.05)
    expect(chance.test([1, 2, 3, 11, 12, 13, 14]).p).toBeGreaterThan(0.05)
  })

  it('gives values that are all the same a p of one', () => {
    expect(new ShiftChance(1, 99).test(Array.from({ length: 20 }, () => 7)).p).toBe(1)
  })

  it('gives the same answer for the same seed, in whatever order it is asked', () => {
    const [a, b] = [
      [3, 1, 4, 1, 5, 9, 2, 6, 5],
      [2, 7, 1, 8, 2, 8, 1, 8],
    ]
    const [one, other] = [new ShiftChance(3, 199), new ShiftChance(3, 199)]
    const first = [one.test(a).p, one.test(b).p]
    expect([other.test(b).p, other.test(a).p].toReversed()).toEqual(first)
  })
})
