import { expect, it } from 'vitest'
import { SharedMessageEncoders } from '../../../../../target/gateways/stomp/shared-message-encoders.ts'
import type { OutgoingEvent } from '../../../../../target/protocols/stream-protocol.ts'

const event: OutgoingEvent = {
  type: 'order.created',
  text: '{"text":"ä"}',
  cursor: 'c-1',
  about: { kind: 'event', channel: 'a:b', sequence: 1, partition: 0, offset: 7 },
  key: 'k',
}

it('subscriptions with one id and version share the frame of a message', () => {
  const encoders = new SharedMessageEncoders()
  const [one, other, third] = [encoders.take('s', '1.2'), encoders.take('s', '1.2'), encoders.take('s', '1.1')]
  expect(one.event(event)).toBe(other.event(event))
  expect(third.event(event)).not.toBe(one.event(event))
  encoders.giveBack(one)
  expect(encoders.take('s', '1.2')).toBe(other)
})

it('a message says where it belongs, escaped, with the bytes of its body', () => {
  const { bytes, payloadBytes, about, key } = new SharedMessageEncoders().take('s', '1.2').event(event)
  expect(bytes.subarray(-payloadBytes).toString()).toBe(
    'MESSAGE\nsubscription:s\nmessage-id:a\\cb/0/7\ndestination:/streams/a\\cb\ncontent-type:application/json\n' +
      'stream:a\\cb\npartition:0\noffset:7\ncursor:c-1\ncontent-length:13\n\n{"text":"ä"}\0',
  )
  expect([about, key]).toEqual([{ ...event.about, subscription: 's' }, 's k'])
})
