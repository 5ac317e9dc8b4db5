import { expect, test } from 'vitest'
import { UnparsedEvent } from '../../../../../../harness/client/live/sse/unparsed-event.ts'

const event = new UnparsedEvent('order.created', 'c1', '{"offset":7}')

test('an event is parsed when it is read, once', () => {
  expect(event.event.offset).toBe(7)
  expect(event.event).toBe(event.event)
})

test('the JSON of an event has its fields', () => {
  expect(JSON.parse(JSON.stringify(event))).toEqual({
    type: 'order.created',
    id: 'c1',
    data: '{"offset":7}',
    event: { offset: 7 },
  })
})
