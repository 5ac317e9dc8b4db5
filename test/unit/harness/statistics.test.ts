import { describe, expect, it } from 'vitest'
import { random } from '../../../core/random.ts'
import { changePoints } from '../../../harness/statistics/change-points.ts'
import { effectOf } from '../../../harness/statistics/effect.ts'
import { roundsFor } from '../../../harness/statistics/power.ts'
import { drawResamples } from '../../../harness/statistics/resamples.ts'
import { ShiftChance } from '../../../harness/statistics/shift-chance.ts'
import { drawRuns, recordedDeviation, recordedStatistics, slowerBy } from './statistics/recorded-runs.ts'

/** Comparisons with more are too slow for a test. */
const MOST_ROUNDS = 150

/** Returns the share of comparisons of recorded runs that find a difference, if one side is slower by a share. */
function shareFound(statistic: string, rounds: number, slowdown: number, comparisons: number): number {
  const resamples = drawResamples(1, [rounds, rounds], 499)
  let found = 0
  for (let comparison = 0; comparison < comparisons; comparison++) {
    const runs = drawRuns(statistic, 2 * rounds, random(7).fork(statistic, rounds, comparison))
    const { p } = effectOf(runs.slice(0, rounds), slowerBy(slowdown, runs.slice(rounds)), resamples)
    if (p <= 0.05) found += 1
  }
  return found / comparisons
}

describe('the statistics of a comparison, on the noise of recorded runs', () => {
  it.each(recordedStatistics)('call equal sides different in at most one of twenty comparisons: %s', statistic => {
    const shares = [3, 5, 9, 20].map(rounds => shareFound(statistic, rounds, 0, 300))
    // 5 % and three standard errors of 1.3 %.
    expect(Math.max(...shares)).toBeLessThan(0.088)
    expect(Math.max(...shares)).toBeGreaterThan(0.01)
  })

  it.each([0.02, 0.05, 0.1])(
    'find a slowdown of %d in four of five comparisons with as many rounds as they ask for',
    slowdown => {
      const asked = recordedStatistics.map(statistic => ({
        statistic,
        rounds: roundsFor(Math.log(1 + slowdown), recordedDeviation(statistic), 0.95),
      }))
      const possible = asked.filter(({ rounds }) => rounds <= MOST_ROUNDS)
      expect(possible.length, JSON.stringify(asked)).toBeGreaterThan(0)
      for (const { statistic, rounds } of possible) {
        const share = shareFound(statistic, rounds, slowdown, 200)
        expect(share, `${statistic} with ${rounds} rounds`).toBeGreaterThan(0.7)
      }
    },
  )

  it.each(recordedStatistics)('find a larger slowdown more often: %s', statistic => {
    const shares = [0, 0.05, 0.2].map(slowdown => shareFound(statistic, 9, slowdown, 150))
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares[2]).toBeGreaterThan(3 * shares[0]!)
  })
})

describe('the changes of a history, on the noise of recorded runs', () => {
  const chance = new ShiftChance(1, 1999)
  const changesIn = (statistic: string, before: number, after: number, slowdown: number, history: number) => {
    const runs = drawRuns(statistic, before + after, random(8).fork(statistic, history))
    const values = [...runs.slice(0, before), ...slowerBy(slowdown, runs.slice(before))].map(({ value }) => value)
    return changePoints(values, 0.05, chance)
  }

  it.each(recordedStatistics)('are found in about one of twenty histories without one: %s', statistic => {
    const histories = 300
    const alarms = Array.from({ length: histories }, (_, history) => changesIn(statistic, 20, 10, 0, history))
    // 5 % and three standard errors of 1.3 %.
    expect(alarms.filter(changes => changes.length > 0).length / histories).toBeLessThan(0.088)
  })

  it.each([
    [0.02, [40, 40], 0.6],
    [0.05, [20, 10], 0.7],
    [0.1, [20, 5], 0.5],
    [0.1, [20, 10], 0.85],
  ] as const)(
    'are found after a slowdown of the median by %d with %j runs in at least %d',
    (slowdown, [before, after], least) => {
      const histories = Array.from({ length: 100 }, (_, history) =>
        changesIn('http_req_duration p(50)', before, after, slowdown, history),
      )
      expect(histories.filter(changes => changes.length > 0).length / histories.length).toBeGreaterThan(least)
    },
  )
})
