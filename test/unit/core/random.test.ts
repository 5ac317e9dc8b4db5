import { describe, expect, it } from 'vitest'
import { random, randomInteger, weightedPick } from '../../../core/random.ts'

const draws = (seed: number | string, ...key: (string | number)[]) => {
  const stream = random(seed).fork(...key)
  return Array.from({ length: 5 }, () => stream.next())
}

describe('random', () => {
  it('gives the same draws for the same seed and key, whatever is drawn in between', () => {
    const root = random(7)
    const first = root.fork('user', 1)
    const other = root.fork('user', 2)
    const interleaved = [first.next(), other.next(), first.next(), other.next(), first.next()].filter(
      (_, i) => i % 2 === 0,
    )
    expect(interleaved).toEqual(draws(7, 'user', 1).slice(0, 3))
  })

  it('gives different draws for different keys and seeds, also for a number and its digits', () => {
    const keys = [
      draws(7, 1),
      draws(7, '1'),
      draws(7, 1, 1),
      draws(7, 11),
      draws(8, 1),
      draws('7', 1),
      draws(7, 2 ** 32 + 1),
    ]
    expect(new Set(keys.map(String)).size).toBe(keys.length)
  })

  it('is uniform: a chi-squared test over forks and over draws stays below its 99.9 % point', () => {
    const buckets = 100
    const count = 100_000
    const root = random(3)
    const chiSquared = (draw: (i: number) => number) => {
      const seen = Array.from({ length: buckets }, () => 0)
      for (let i = 0; i < count; i++) seen[Math.floor(draw(i) * buckets)]!++
      return seen.reduce((sum, n) => sum + (n - count / buckets) ** 2 / (count / buckets), 0)
    }
    const quantile999 = 148.2 // chi-squared with 99 degrees of freedom
    expect(chiSquared(() => root.next())).toBeLessThan(quantile999)
    expect(chiSquared(i => root.fork(i).next())).toBeLessThan(quantile999)
  })

  it('draws integers over the whole range and none outside it', () => {
    const stream = random(1)
    const seen = new Set(Array.from({ length: 1000 }, () => randomInteger(stream, 4)))
    expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
  })

  it('picks by weight', () => {
    const stream = random(1)
    const items = [
      { name: 'often', weight: 9 },
      { name: 'seldom', weight: 1 },
    ]
    const often = Array.from({ length: 10_000 }, () => weightedPick(stream, items)).filter(
      item => item.name === 'often',
    )
    expect(often.length).toBeGreaterThan(8_850)
    expect(often.length).toBeLessThan(9_150)
  })
})
