import { describe, expect, it } from 'vitest'
import { changePoints } from '../../../../harness/statistics/change-points.ts'
import { ShiftChance } from '../../../../harness/statistics/shift-chance.ts'
import { changesFound, historyNoises, levelsOf } from './simulated-history.ts'

describe('changePoints', () => {
  it.each(Object.keys(historyNoises).flatMap(noise => [8, 20, 60].map(runs => [noise, runs] as const)))(
    'finds a change in at most about one of twenty histories without one: %s noise, %d runs',
    (noise, runs) => {
      const histories = 400
      const found = changesFound({ levels: levelsOf([runs, 0]), noise, deviation: 0.03 }, histories)
      // 5 % and three standard errors of 1.1 %.
      expect(found.filter(changes => changes.length > 0).length / histories).toBeLessThan(0.083)
    },
  )

  it('finds a change in about one of twenty histories without one, so no chance to find one is given away', () => {
    const found = changesFound({ levels: levelsOf([20, 0]), noise: 'normal', deviation: 0.03 }, 400)
    expect(found.filter(changes => changes.length > 0).length).toBeGreaterThan(7)
  })

  it.each([
    // Change, runs before and after, deviation between runs, least share of histories in which it is found.
    [0.02, [20, 20], 0.01, 0.9],
    [0.02, [10, 10], 0.01, 0.7],
    [0.05, [20, 20], 0.03, 0.85],
    [0.05, [10, 10], 0.02, 0.8],
    [0.05, [15, 5], 0.02, 0.6],
    [0.1, [12, 4], 0.03, 0.75],
    [0.1, [20, 5], 0.03, 0.75],
    [0.1, [30, 30], 0.05, 0.9],
  ] as const)(
    'finds a change of %d after %j runs that spread by %d in at least %d of histories, most often where it is',
    (change, [before, after], deviation, least) => {
      const levels = levelsOf([before, 0], [after, change])
      const histories = 100
      for (const noise of ['normal', 'exponential', 'lognormal']) {
        const found = changesFound({ levels, noise, deviation }, histories).flatMap(([first]) => first ?? [])
        expect(found.length / histories, noise).toBeGreaterThan(least)
        const near = found.filter(place => Math.abs(place - before) <= 2)
        expect(near.length / found.length, noise).toBeGreaterThan(0.75)
      }
    },
  )

  it('finds a change although one run in ten is far off', () => {
    const found = changesFound({ levels: levelsOf([20, 0], [20, 0.1]), noise: 'outliers', deviation: 0.03 }, 100)
    expect(found.filter(changes => changes.length > 0).length).toBeGreaterThan(85)
  })

  it('finds each of several changes and hardly ever another', () => {
    const levels = levelsOf([15, 0], [10, 0.1], [15, 0], [10, 0.2])
    const histories = 150
    const found = changesFound({ levels, noise: 'normal', deviation: 0.02 }, histories)
    for (const place of [15, 25, 40]) {
      const near = found.filter(changes => changes.some(change => Math.abs(change - place) <= 1))
      expect(near.length / histories).toBeGreaterThan(0.95)
    }
    expect(found.filter(changes => changes.length > 3).length / histories).toBeLessThan(0.1)
  })

  it('finds nothing in fewer than eight values, and says so by no change', () => {
    expect(changePoints([1, 1.1, 1.2, 9, 9.1, 9.2, 9.3], 0.05, new ShiftChance(1))).toEqual([])
    expect(changePoints([], 0.05, new ShiftChance(1))).toEqual([])
  })

  it('does not take one or two runs far off the others for a change', () => {
    const steady = Array.from({ length: 30 }, (_, index) => 1 + ((index * 7) % 10) / 1000)
    expect(changePoints(steady.toSpliced(15, 2, 9, 9.1), 0.05, new ShiftChance(1))).toEqual([])
  })
})
