import { describe, expect, test } from 'vitest'
import { interleave, medianRatio } from '../../../../bench/measurement/rounds.ts'

describe('interleave', () => {
  test('alternates the order, and discards the first round', async () => {
    const turns: string[] = []
    const contender = (name: string) => ({
      name,
      measure: (seconds: number) => Promise.resolve(turns.push(`${name}${seconds}`)),
    })

    const readings = await interleave([contender('a'), contender('b')], { warmupRounds: 1, rounds: 2, seconds: 3 })

    expect(turns).toEqual(['a3', 'b3', 'a3', 'b3', 'a3', 'b3'])
    expect(readings).toEqual([
      [3, 5],
      [4, 6],
    ])
  })
})

test('ratios are taken round by round, so that a slow round slows both sides', () => {
  expect(medianRatio([80, 8, 70], [100, 10, 100])).toBeCloseTo(0.8)
})
