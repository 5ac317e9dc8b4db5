import { expect, test } from 'vitest'
import { EVENT_MARKER, eventSource, markersIn } from '../../../bench/event.ts'
import { acknowledgementOf, type BenchChatMessage, deliveryOf, messageSource } from '../../../bench/message.ts'
import { perConnection } from '../../../bench/idle.ts'
import { frameOf, maskedFrameOf } from '../../../bench/socket-frame.ts'
import { ChatMessage as Schema, chatActions } from '../../../contract/sockets/chat.ts'
import { checker } from '../../../core/check.ts'
import { SocketFrame } from '../../../target/connections/socket-wire.ts'

const markers = (text: string) => markersIn(Buffer.from(text), Buffer.byteLength(text))

test('an event, a message, its delivery and its acknowledgement hold the marker once', () => {
  const publication = messageSource()()
  const { message } = JSON.parse(publication) as { message: BenchChatMessage }
  const texts = [eventSource()(), publication, deliveryOf(message, 1), acknowledgementOf(message, 1)]
  expect(texts.map(markers)).toEqual([1, 1, 1, 1])
})

test('markers are counted only in the bytes read, not in earlier content of the buffer', () => {
  const buffer = Buffer.alloc(8, EVENT_MARKER)
  expect(markersIn(buffer, 3)).toBe(3)
  expect(markersIn(buffer, 0)).toBe(0)
})

test('messages follow the contract, have 500 bytes, and each have an id of their own', () => {
  const next = messageSource()
  const [first, second] = [next(), next()].map(text => JSON.parse(text) as { message: BenchChatMessage })
  expect(checker(chatActions.publish).check(first)).toBe(true)
  expect(checker(Schema).check(first?.message)).toBe(true)
  expect(JSON.stringify(first?.message).length).toBe(500)
  expect(first?.message.id).not.toBe(second?.message.id)
})

test.each([5, 125, 126, 5000])(
  'a frame of %i bytes is as the target makes it, and masked with zeros by a client',
  length => {
    const text = 'x'.repeat(length)
    const { bytes, payloadBytes } = new SocketFrame(text)
    expect(frameOf(text)).toEqual(bytes)
    const masked = maskedFrameOf(text)
    const headBytes = bytes.length - payloadBytes
    expect([masked[0], (masked[1] as number) & 0x7f, masked.length]).toEqual([bytes[0], bytes[1], bytes.length + 4])
    expect((masked[1] as number) & 0x80).toBe(0x80)
    expect(masked.subarray(headBytes)).toEqual(Buffer.from(`\0\0\0\0${text}`))
  },
)

test('the memory of a connection is the growth from one size to the next', () => {
  const held = [1, 3].map(mb => ({ rssBytes: mb * 1024 ** 2, heapBytes: 0, externalBytes: 0 }))
  expect(perConnection(held, [100, 1124], 'rssBytes', 0, 1)).toBe(2)
})
