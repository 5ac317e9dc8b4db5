import { describe, expect, it } from 'vitest'
import {
  fewIds,
  fewQueries,
  identicalBodies,
  repeatedEventIds,
  reusedIdempotencyKey,
} from '../../../../calibration/review/data.ts'
import { detailedRecordOf, truthOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

const product = (id: number) => detailedRecordOf({ startedAt: id }, { url: `/api/v1/products/${id}?x=${id}` })
const search = (term: number) =>
  detailedRecordOf({ operation: 'products.search' }, { url: `/api/v1/products/search?q=${term}` })

describe('fewIds', () => {
  it('finds an operation with the same few ids', () => {
    expect(
      reviewOf(
        fewIds,
        requests(100, index => detailedRecordOf({ startedAt: index }, { url: `/p/${index % 3}?${index}` })),
      ),
    ).toMatchObject({
      id: 'few-ids',
      title: '100 requests of products.get used 3 different ids',
      count: 97,
      of: 100,
    })
  })

  it('says so when there is only one id', () => {
    const same = requests(100, index => detailedRecordOf({ startedAt: index }, { url: `/p/1?${index}` }))
    expect(reviewOf(fewIds, same)?.title).toBe('all 100 requests of products.get used the same id')
  })

  it('has nothing against varied ids, few requests, or operations without an id', () => {
    expect(reviewOf(fewIds, requests(100, product))).toBeUndefined()
    expect(
      reviewOf(
        fewIds,
        requests(40, () => product(1)),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        fewIds,
        requests(100, () => detailedRecordOf({ operation: 'products.list' })),
      ),
    ).toBeUndefined()
  })
})

describe('fewQueries', () => {
  it('finds the same few searches', () => {
    expect(
      reviewOf(
        fewQueries,
        requests(100, index => search(index % 4)),
      ),
    ).toMatchObject({ id: 'few-queries', of: 100 })
  })

  it('has nothing against varied searches', () => {
    expect(reviewOf(fewQueries, requests(100, search))).toBeUndefined()
  })
})

describe('identicalBodies', () => {
  const order = (body: number, operation: 'orders.create' | 'auth.login' = 'orders.create') =>
    detailedRecordOf({ operation, status: 201 }, { body })

  it('finds bodies that are all the same', () => {
    expect(
      reviewOf(
        identicalBodies,
        requests(20, () => order(7)),
      ),
    ).toMatchObject({
      id: 'identical-bodies',
      title: 'all 20 bodies of orders.create are the same',
      count: 20,
    })
  })

  it('has nothing against varied bodies, or against credentials', () => {
    expect(
      reviewOf(
        identicalBodies,
        requests(20, index => order(index % 2)),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        identicalBodies,
        requests(20, () => order(7, 'auth.login')),
      ),
    ).toBeUndefined()
  })
})

describe('repeatedEventIds', () => {
  const { events } = truthOf([]).ledger

  it('finds events that were known already', () => {
    expect(reviewOf(repeatedEventIds, [], { events: { ...events, received: 100, duplicate: 20 } })).toMatchObject({
      id: 'repeated-event-ids',
      count: 20,
      of: 100,
    })
  })

  it('has nothing against a rare repetition', () => {
    expect(reviewOf(repeatedEventIds, [], { events: { ...events, received: 1000, duplicate: 2 } })).toBeUndefined()
  })
})

describe('reusedIdempotencyKey', () => {
  const order = (idempotencyKey: number, body: number, caller = 'user:1') =>
    detailedRecordOf({ operation: 'orders.create', startedAt: body }, { idempotencyKey, body, caller })

  it('finds a key with several bodies', () => {
    expect(reviewOf(reusedIdempotencyKey, [order(1, 10), order(1, 11), order(2, 12)])).toMatchObject({
      id: 'reused-idempotency-key',
      count: 2,
      of: 3,
      example: { details: { body: 11 } },
    })
  })

  it('has nothing against retries, or against the same key of another user', () => {
    expect(reviewOf(reusedIdempotencyKey, [order(1, 10), order(1, 10)])).toBeUndefined()
    expect(reviewOf(reusedIdempotencyKey, [order(1, 10), order(1, 11, 'user:2')])).toBeUndefined()
  })
})
