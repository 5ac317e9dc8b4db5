import { randomInteger, scenario, user } from '../../harness/scenario.ts'
import { experiment, length } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A test that asks for the same few things, before a cache that keeps the last few things. */
export const caches = lab({
  name: 'caches',
  title: 'Caches and unrealistic data',
  story: [
    'In front of a shop is a cache. What it has, it answers in 2 ms. For anything else it asks the shop, which takes 80 ms. It keeps the products that were asked for last, and it is full when a test begins.',
    'The first test asks for ten products only, because they were in an example. The second asks for any of the products of the catalog, as visitors do.',
    'Both use the same shop and the same cache.',
  ],
  settings: {
    places: { label: 'products that the cache can keep', unit: 'count', value: 100, min: 1, max: 1000 },
    products: { label: 'products that the second test asks for', unit: 'count', value: 1000, min: 10, max: 1000 },
    seconds: length(4),
  },
  measures: {
    few: { label: 'mean response with ten products', unit: 'ms', from: 'harness' },
    many: {
      label: 'mean response with many products',
      unit: 'ms',
      from: 'harness',
      ask: 'The first test has a mean of about 3 ms. What is the mean of the second?',
    },
    hits: {
      label: 'share of the second test that the cache answered',
      unit: 'share',
      from: 'harness',
      ask: 'Which share of the requests of the second test does the cache answer?',
    },
  },
  loads: 2,
  theory: ({ places, products }) => {
    const hitsOf = (count: number) => Math.min(1, places / count)
    const meanOf = (hits: number) => hits * HIT_MS + (1 - hits) * MISS_MS
    const hits = hitsOf(products)
    return { few: meanOf(hitsOf(FEW)), many: meanOf(hits), hits }
  },
  async run(bench, { places, products, seconds }) {
    const few = await asked(Math.min(FEW, products))
    const many = await asked(products)
    return { few: few.meanMs, many: many.meanMs, hits: many.hits }

    /** Asks for random products. */
    async function asked(count: number): Promise<{ meanMs: number; hits: number }> {
      // Each product is asked for as often as any other, so that a full cache may hold any of them. One that fills during a short run would hit less.
      const cache = new Set(Array.from({ length: Math.min(places, count) }, (_, index) => index + 1))
      const times: { durationMs: number; isHit: boolean }[] = []
      await experiment(
        bench,
        `a cache and ${count} products`,
        [
          { id: 'hit', match: { header: { [CACHE]: 'hit' } }, fault: { type: 'delay', distribution: HIT_MS } },
          { id: 'miss', match: { header: { [CACHE]: 'miss' } }, fault: { type: 'delay', distribution: MISS_MS } },
        ],
        scenario({
          load: { executor: 'constant-arrival-rate', rate: 150, duration: seconds * 1000, preAllocatedVUs: 100 },
          users: [
            user('visitor', {
              async iterate({ http, random }) {
                const product = 1 + randomInteger(random, count)
                // The cache is this side's: it tells the target whether the answer would have come from it.
                const isHit = cache.delete(product)
                cache.add(product)
                if (cache.size > places) cache.delete(cache.values().next().value as number)
                const headers = { [CACHE]: isHit ? 'hit' : 'miss' }
                const { durationMs } = await http.get(`/api/v1/products/${product}`, { headers })
                times.push({ durationMs, isHit })
              },
            }),
          ],
        }),
      )
      return {
        meanMs: times.reduce((sum, { durationMs }) => sum + durationMs, 0) / times.length,
        hits: times.filter(({ isHit }) => isHit).length / times.length,
      }
    }
  },
  question: {
    ask: 'What should the data of a load test have in common with production?',
    options: [
      'The number of different things that are asked for, and how often each is',
      'The same fields, and nothing else: the values do not matter to a server',
    ],
    answer: () => 0,
    because:
      'Caches, indexes and locks behave by which values come, and how often. A test that asks for the same few things measures the cache, and production meets the database.',
  },
  next: 'Let the cache keep 500 products. By how much does the mean of the second test fall?',
})

const FEW = 10
const HIT_MS = 2
const MISS_MS = 80
const CACHE = 'x-lab-cache'
