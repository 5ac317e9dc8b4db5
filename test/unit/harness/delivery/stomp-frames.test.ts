import { expect, it } from 'vitest'
import { StompFrame } from '../../../../contract/stomp/frame.ts'
import { openedMessage } from '../../../../harness/delivery/stomp-frames.ts'

const message = (headers: Record<string, string>, body = '{"timestamp":5}') =>
  new StompFrame('MESSAGE', { subscription: '1', 'content-type': 'application/json', ...headers }, Buffer.from(body))
const stream = { stream: 'orders', partition: '2', offset: '7' }

it('an event of a stream has its place, its number and its time', () => {
  expect(openedMessage(message(stream))).toEqual({ type: 'message', place: '1 orders/2', sequence: 7, timestamp: 5 })
})

it('a message of a room has the time of its sender', () => {
  const opened = openedMessage(message({ channel: 'lobby', sequence: '3' }, '{"sentAt":9}'))
  expect(opened).toEqual({ type: 'message', place: '1 lobby', sequence: 3, timestamp: 9 })
})

it('a message that is delivered again is counted, but has no place', () => {
  expect(openedMessage(message({ ...stream, redelivered: 'true' }))).toMatchObject({ sequence: undefined })
})

it('a message of another broker has its destination, and the time of its header', () => {
  const opened = openedMessage(
    message({ destination: '/queue/a', 'content-type': 'text/plain', timestamp: '12' }, 'hi'),
  )
  expect(opened).toEqual({ type: 'message', place: '1 /queue/a', sequence: undefined, timestamp: 12 })
})

it.each([
  ['JSON that is none', message(stream, '{"a",')],
  ['a message about the subscription', message({ control: 'reset' })],
  ['a receipt', new StompFrame('RECEIPT', {}, Buffer.alloc(0))],
  ['another object', {}],
])('%s is no event', (_what, frame) => {
  expect(openedMessage(frame)).toBeUndefined()
})
