import { expect, test } from 'vitest'
import { EVENT_MARKER, eventSource, markersIn } from '../../../../bench/wire/event.ts'
import { acknowledgementOf, type BenchChatMessage, deliveryOf, messageSource } from '../../../../bench/wire/message.ts'

const markers = (text: string) => markersIn(Buffer.from(text), Buffer.byteLength(text))

test('an event, a message, its delivery and its acknowledgement each contain the marker once', () => {
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
