import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FaultMatch } from '../../contract/faults/rule.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import { wilsonInterval } from '../../core/wilson.ts'
import { faultsBench, rule, subject } from '../support/faults-bench.ts'

/** Fates of exchanges by key, in the order of the decisions. */
function fatesOf(seed: number, keys: readonly string[]): Map<string, string> {
  const { faults } = faultsBench(
    {
      rules: [
        rule('third', { share: 1 / 3 }),
        rule('half', { share: 0.5, match: { operation: 'products.*' } }),
        rule('slow', { share: 0.7, fault: { type: 'delay', distribution: { type: 'exponential', mean: '10ms' } } }),
      ],
    },
    seed,
  )
  return new Map(
    keys.map(key => {
      const plan = faults.planOf(subject({ key })) ?? []
      return [key, plan.map(injection => `${injection.rule.id} ${injection.drawMs()}`).join(', ')]
    }),
  )
}

describe('decisions', () => {
  it('are the same for the same seed and keys, whatever other exchanges there are', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(
        fc.nat(),
        keys.chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        (seed, [all, shuffled]) => {
          const expected = fatesOf(seed, all)
          const again = fatesOf(seed, [...shuffled, ...shuffled.slice(1)])
          expect(Object.fromEntries(again)).toEqual(Object.fromEntries(expected))
        },
      ),
      { seed: 5, numRuns: 60 },
    )
  })

  it('are the same for concurrent exchanges', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => `exchange-${index}`)
    const { faults, clock } = faultsBench({ rules: [rule('half', { share: 0.5 })] }, 3)
    const affected = new Set<string>()
    const exchange = async (key: string, waitMs: number) => {
      await clock.sleep(waitMs)
      if (faults.planOf(subject({ key })) !== undefined) affected.add(key)
    }
    // Arrivals in an order unrelated to the keys, many of them in one turn.
    const under = keys.map((key, index) => exchange(key, (index * 37) % 11))
    await clock.finish(Promise.all(under))
    const alone = keys.filter(
      key => faultsBench({ rules: [rule('half', { share: 0.5 })] }, 3).injected(subject({ key })).length > 0,
    )
    expect([...affected].toSorted()).toEqual(alone.toSorted())
  })

  it('differ by seed and by rule', () => {
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
    expect(fatesOf(1, keys)).not.toEqual(fatesOf(2, keys))
  })

  it.each([1, 2, 3, 42, 4_294_967_295])(
    'injection the share that is configured, to its interval, with seed %i',
    seed => {
      for (const share of [0.01, 0.1, 0.3, 0.5, 0.95]) {
        for (const keyOf of [
          (index: number) => `key-${index}`,
          (index: number) => index,
          (index: number) => 7 * 2 ** 32 + index,
        ]) {
          const { injected } = faultsBench({ rules: [rule('a', { share })] }, seed)
          let affected = 0
          for (let index = 0; index < 10_000; index++) affected += injected(subject({ key: keyOf(index) })).length
          const { low, high } = wilsonInterval(affected, 10_000, 0.999)
          expect(share).toBeGreaterThanOrEqual(low)
          expect(share).toBeLessThanOrEqual(high)
        }
      }
    },
  )

  it.each<[string, (index: number) => string | number]>([
    ['arrivals', index => 7 * 2 ** 32 + index],
    ['names', index => `user-${String(index).padStart(8, '0')}`],
    ['ids of traces', index => `${index.toString(16).padStart(32, '0')}-${(index * 7).toString(16).padStart(16, '0')}`],
  ])('for similar keys follow no pattern: %s', (_what, keyOf) => {
    for (const seed of [1, 2, 3]) {
      const { injected } = faultsBench({ rules: [rule('a', { share: 0.3 })] }, seed)
      const fates = Array.from({ length: 10_000 }, (_, index) => injected(subject({ key: keyOf(index) })).length)
      const affected = fates.reduce((sum, fate) => sum + fate, 0)
      const runs = 1 + fates.filter((fate, index) => index > 0 && fate !== fates[index - 1]).length
      // Wald and Wolfowitz: for independent fates it exceeds 3.9 once in 10,000 times.
      const mean = (2 * affected * (fates.length - affected)) / fates.length + 1
      const variance = ((mean - 1) * (mean - 2)) / (fates.length - 1)
      expect(Math.abs(runs - mean) / Math.sqrt(variance)).toBeLessThan(3.9)
    }
  })

  it.each([
    ['two rules', [rule('a', { share: 0.3 }), rule('b', { share: 0.3 })]],
    ['rules of names that are alike', [rule('rule-1', { share: 0.5 }), rule('rule-2', { share: 0.5 })]],
    ['different shares', [rule('x', { share: 0.1 }), rule('y', { share: 0.6 })]],
  ])('for %s are independent', (_what, rules) => {
    for (const seed of [1, 2, 3]) {
      const { injected } = faultsBench({ rules }, seed)
      const counts = [0, 0, 0, 0]
      for (let key = 0; key < 10_000; key++) {
        const affected = injected(subject({ key: `k${key}` }))
        counts[(affected.includes(rules[0]!.id) ? 1 : 0) + (affected.includes(rules[1]!.id) ? 2 : 0)]! += 1
      }
      // χ² with one degree of freedom exceeds this once in 1,000 times.
      expect(chiSquare(counts)).toBeLessThan(10.83)
    }
  })
})

/** Tests a table of two by two for independence: neither, the first only, the second only, both. */
function chiSquare([neither = 0, first = 0, second = 0, both = 0]: number[]): number {
  const total = neither + first + second + both
  const difference = neither * both - first * second
  return (total * difference ** 2) / ((neither + first) * (second + both) * (neither + second) * (first + both))
}

describe('the index', () => {
  const names = Object.keys(operations) as KnownOperation[]
  const patterns = (...some: string[]) =>
    fc.oneof(fc.constantFrom(...some), fc.uniqueArray(fc.constantFrom(...some), { minLength: 1, maxLength: 3 }))
  const match: fc.Arbitrary<FaultMatch> = fc.record(
    {
      operation: patterns('products.get', 'orders.*', '*.get', 'streams.read', 'unmatched'),
      path: patterns('/products/17', '/api/v1/products/*', '/api/*', '/v1/streams/orders', '*/17', '/nowhere'),
      method: patterns('GET', 'post', 'HEAD', '*'),
      tenant: patterns('public', 'b', '*'),
      client: patterns('app', '*@example.com'),
      header: fc.dictionary(fc.constantFrom('X-A', 'x-b'), patterns('1', '2', '*'), { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  )
  const about = fc.record({
    operation: fc.constantFrom(...names, 'unmatched'),
    path: fc.constantFrom('/products/17', '/api/v1/products/17', '/api/v1/orders', '/v1/streams/orders', '/nowhere'),
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    tenant: fc.constantFrom('public', 'b'),
    client: fc.constantFrom(undefined, 'app', 'other'),
    user: fc.constantFrom(undefined, 'x@example.com'),
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('1', '2', '3'), { maxKeys: 2 }),
  })

  it('finds the same rules as asking each one, in the same order', () => {
    fc.assert(
      fc.property(
        fc.array(match, { maxLength: 12 }),
        fc.array(about, { minLength: 1, maxLength: 20 }),
        (matches, asked) => {
          const { faults, injected } = faultsBench({
            rules: matches.map((each, index) => rule(`r${index}`, { match: each })),
          })
          for (const each of asked) {
            const request = subject(onItsPath(each))
            const expected = faults.rules.filter(({ matcher }) => matcher.matches(request)).map(({ id }) => id)
            expect(injected(request)).toEqual(expected)
          }
        },
      ),
      { seed: 5, numRuns: 300 },
    )
  })

  /** A path of its operation, as every routed request has one. */
  function onItsPath<Asked extends { operation: string; path: string; method: string }>(asked: Asked): Asked {
    if (asked.operation === 'unmatched') return asked
    const { path, method } = operations[asked.operation as KnownOperation]
    return {
      ...asked,
      path: path.replace(/\{\w+\}/g, '17'),
      method: method === 'GET' ? asked.method.replace('POST', 'GET') : method,
    }
  }
})
