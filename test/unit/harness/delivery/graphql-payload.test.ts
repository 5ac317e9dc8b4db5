import { expect, it } from 'vitest'
import { cursorIn, openedPayload, streamEventIn } from '../../../../harness/delivery/graphql-payload.ts'

const event = { stream: 'orders', partition: 3, offset: 7, cursor: 'abc-1' }
const message = { channel: 'lobby', sequence: 4 }

it.each([
  [
    'an event of Loadcell, whatever was selected',
    { data: { e: { timestamp: 5 } }, extensions: { event } },
    { timestamp: 5, place: 'orders/3', sequence: 7 },
  ],
  [
    'a message of Loadcell',
    { data: { m: { sentAt: 6 } }, extensions: { message } },
    { timestamp: 6, place: 'lobby', sequence: 4 },
  ],
  ['a numbered event of another server', { data: { tick: { topic: 'a', sequence: 2 } } }, { place: 'a', sequence: 2 }],
  [
    'an event with an offset of another server',
    { data: { tick: { stream: 'a', partition: 1, offset: 9 } } },
    { place: 'a/1', sequence: 9 },
  ],
  ['an event without a place', { data: { tick: { value: 1 } } }, { place: '' }],
  ['a result that is null', { data: null, errors: [{ message: 'x' }] }, { place: '' }],
])('finds %s', (_name, payload, expected) => {
  expect(openedPayload(payload)).toEqual({ type: 'next', timestamp: undefined, sequence: undefined, ...expected })
})

it('takes results about the subscription itself for no events', () => {
  expect(openedPayload({ data: { e: null }, extensions: { lagged: { dropped: 1 } } })).toBeUndefined()
  const reset = { data: { e: null }, extensions: { reset: { cursor: 'abc-0' } } }
  expect([openedPayload(reset), streamEventIn(reset), cursorIn(reset)]).toEqual([undefined, 'reset', 'abc-0'])
})

it('names streams and rooms as the ledger does', () => {
  expect(streamEventIn({ data: {}, extensions: { event } })).toMatchObject({
    stream: 'orders',
    partition: 3,
    offset: 7,
  })
  expect(streamEventIn({ data: {}, extensions: { message } })).toMatchObject({ stream: 'chat:lobby', offset: 4 })
})

it.each([undefined, null, 'text', 5, [], {}])('survives %j', payload => {
  expect(openedPayload(payload)).toMatchObject({ type: 'next' })
  expect(cursorIn(payload)).toBeUndefined()
})

it('finds the cursor to resume at', () => {
  expect(cursorIn({ extensions: { event } })).toBe('abc-1')
})
