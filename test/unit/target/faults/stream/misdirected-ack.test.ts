import { expect, it } from 'vitest'
import { acknowledgement } from '../../../../../target/connections/frame.ts'
import { SocketFrame } from '../../../../../target/connections/socket-wire.ts'
import { misdirectedFrame } from '../../../../../target/faults/stream/misdirected-ack.ts'
import { GrpcFrame } from '../../../../../target/gateways/grpc/grpc-frame.ts'

const changed = (answer: object) => {
  const frame = misdirectedFrame(new SocketFrame(JSON.stringify(answer), acknowledgement('room:a')))
  expect(frame.about).toEqual(acknowledgement('room:a'))
  return JSON.parse(frame.bytes.subarray(-frame.payloadBytes).toString()) as unknown
}

it.each([
  { answer: { type: 'message_ack', id: 'm-1', channel: 'room:a' }, other: { id: 'm-2', channel: 'room:a' } },
  { answer: { type: 'message_ack', id: 41, channel: 'room:a' }, other: { id: 42, channel: 'room:a' } },
  { answer: { type: 'subscription_confirmed', channel: 'room:a' }, other: { channel: 'room:b' } },
  { answer: { type: 'document_joined', documentId: 'd7' }, other: { documentId: 'd8' } },
  { answer: { op: 'subscribed', streams: ['quotes.A', 'quotes.B'] }, other: { streams: ['quotes.b', 'quotes.a'] } },
])('$answer confirms $other instead', ({ answer, other }) => {
  expect(changed(answer)).toEqual({ ...answer, ...other })
})

it('an answer that names nothing is sent as it is', () => {
  const frame = new SocketFrame('{"type":"snapshot"}', acknowledgement())
  expect(misdirectedFrame(frame)).toBe(frame)
})

it('a receipt of STOMP names another request', () => {
  const frame = misdirectedFrame(new SocketFrame('RECEIPT\nreceipt-id:r-4\noffset:1\n\n\0', acknowledgement()))
  expect(frame.bytes.subarray(-frame.payloadBytes).toString()).toBe('RECEIPT\nreceipt-id:r-5\noffset:1\n\n\0')
})

it('an acknowledgement of Socket.IO names another request', () => {
  const frame = misdirectedFrame(new SocketFrame('43/chat,4[{"type":"pong"}]', acknowledgement()))
  expect(frame.bytes.subarray(-frame.payloadBytes).toString()).toBe('43/chat,5[{"type":"pong"}]')
})

it('an answer that is not text is sent as it is', () => {
  const frame = new GrpcFrame(Buffer.from([0, 0, 0, 0, 2, 0x8a, 0x00]), acknowledgement('room:a'))
  expect(misdirectedFrame(frame)).toBe(frame)
})
