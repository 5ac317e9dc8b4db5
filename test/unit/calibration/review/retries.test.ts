import { describe, expect, it } from 'vitest'
import { ignoredRetryAfter, immediateRetries } from '../../../../calibration/review/retries.ts'
import { detailedRecordOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

describe('ignoredRetryAfter', () => {
  const limited = (startedAt: number) => detailedRecordOf({ startedAt, status: 429 }, { retryAfterMs: 1000 })

  it('finds requests that came too early', () => {
    expect(
      reviewOf(
        ignoredRetryAfter,
        requests(6, index => limited(100 * index)),
      ),
    ).toMatchObject({
      id: 'ignored-retry-after',
      count: 5,
      of: 6,
    })
  })

  it('believes what the target noticed of other connections', () => {
    const rateLimits = { limited: 9, early: 7, callers: [], callersNotKept: 0 }
    expect(reviewOf(ignoredRetryAfter, [], { rateLimits })).toMatchObject({ count: 7 })
  })

  it('has nothing against clients that wait', () => {
    expect(
      reviewOf(
        ignoredRetryAfter,
        requests(6, index => limited(1100 * index)),
      ),
    ).toBeUndefined()
  })
})

describe('immediateRetries', () => {
  const order = (index: number, startedAt: number, status = 201) =>
    detailedRecordOf({ operation: 'orders.create', startedAt, status }, { url: '/orders', body: index })
  /** Orders a second apart, each failing once and sent again after some ms. */
  const retried = (afterMs: number) =>
    requests(10, index => [order(index, 1000 * index, 503), order(index, 1000 * index + 5 + afterMs)]).flat()

  it('finds failed requests that were repeated at once', () => {
    expect(reviewOf(immediateRetries, retried(1))).toMatchObject({ id: 'immediate-retries', count: 10, of: 10 })
  })

  it('has nothing against retries after a while', () => {
    expect(reviewOf(immediateRetries, retried(300))).toBeUndefined()
  })

  it('has nothing against a script that always asks for the same', () => {
    const same = requests(100, index => detailedRecordOf({ startedAt: 10 * index, status: index % 10 ? 200 : 500 }))
    expect(reviewOf(immediateRetries, same)).toBeUndefined()
  })
})
