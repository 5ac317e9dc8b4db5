import { expect, it } from 'vitest'
import { counter, gauge, rate, trend, user } from '../../../../harness/scenario.ts'

it('The kinds of metrics have defaults.', () => {
  expect(
    [counter('a'), rate('b'), trend('c'), gauge('d')].map(({ kind, unit, better }) => [kind, unit, better]),
  ).toEqual([
    ['counter', 'count', 'higher'],
    ['rate', 'share', 'higher'],
    ['trend', 'ms', 'lower'],
    ['gauge', 'count', 'higher'],
  ])
  expect(trend('size', { unit: 'MB', description: 'Size of a page.', tags: ['kind'], better: 'higher' })).toEqual({
    kind: 'trend',
    name: 'size',
    unit: 'MB',
    description: 'Size of a page.',
    tags: ['kind'],
    better: 'higher',
  })
})

it('The types of record follow from the declaration of a metric.', () => {
  const sold = counter('sold', { tags: ['kind', 'size'] })
  const found = rate('found')
  const { name } = user('shopper', {
    iterate({ record }) {
      record(sold, 1)
      record(sold, 1, { kind: 'book', size: 3 })
      record(found, true)
      // @ts-expect-error -- a tag that is not declared
      record(sold, 1, { knid: 'book' })
      // @ts-expect-error -- a metric without tags
      record(found, true, { kind: 'book' })
      // @ts-expect-error -- a number for a rate
      record(found, 1)
      // @ts-expect-error -- a boolean for a counter
      record(sold, true)
      // @ts-expect-error -- a name instead of a metric
      record('sold', 1)
    },
  })
  expect(name).toBe('shopper')
})
