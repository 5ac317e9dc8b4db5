import { expect, test } from 'vitest'
import { type Claim, IdempotencyStore } from '../../../../target/idempotency/store.ts'
import { Lifecycle } from '../../../../target/lifecycle/lifecycle.ts'
import { plenty } from '../../../support/memory.ts'

const answer = { status: 202, body: '{}' }

function newClaim(claim: Claim): Claim & { kind: 'new' } {
  if (claim.kind !== 'new') throw new Error(`expected a new claim, got ${claim.kind}`)
  return claim
}

test('the same request is in flight until it is answered', () => {
  const store = new IdempotencyStore(plenty(), new Lifecycle())
  const first = newClaim(store.claim('k', 'body', 'lenient', 10))
  expect(store.claim('k', 'body', 'lenient', 10)).toEqual({ kind: 'in_flight' })
  expect(store.claim('k', 'body', 'strict', 10)).toEqual({ kind: 'in_flight' })
  expect(store.claim('k', 'other', 'strict', 10)).toEqual({ kind: 'reused' })
  first.finish(answer)
  expect(store.claim('k', 'body', 'lenient', 10)).toEqual({ kind: 'replay', answer })
})

test('an abandoned key is free again', () => {
  const store = new IdempotencyStore(plenty(), new Lifecycle())
  newClaim(store.claim('k', 'body', 'strict', 10)).abandon()
  expect(store.claim('k', 'other', 'strict', 10).kind).toBe('new')
})

test('a lenient key belongs to its latest request, whichever request ends first', () => {
  const store = new IdempotencyStore(plenty(), new Lifecycle())
  const first = newClaim(store.claim('k', 'one', 'lenient', 10))
  const second = newClaim(store.claim('k', 'two', 'lenient', 10))
  second.finish(answer)
  first.abandon()
  expect(store.claim('k', 'two', 'lenient', 10).kind).toBe('replay')
})

test('the oldest answers are forgotten beyond the limits on keys and on the length of all answers', () => {
  const few = new IdempotencyStore(plenty(), new Lifecycle())
  for (const key of ['a', 'b', 'c']) newClaim(few.claim(key, 'body', 'lenient', 2)).finish(answer)
  expect(few.claim('c', 'body', 'lenient', 2).kind).toBe('replay')
  expect(few.claim('a', 'body', 'lenient', 2).kind).toBe('new')

  const short = new IdempotencyStore(plenty(), new Lifecycle(), 25)
  for (const key of ['a', 'b', 'c']) {
    newClaim(short.claim(key, 'body', 'lenient', 100)).finish({ status: 202, body: '0123456789' })
  }
  expect(short.claim('b', 'body', 'lenient', 100).kind).toBe('replay')
  expect(short.claim('a', 'body', 'lenient', 100).kind).toBe('new')
})
