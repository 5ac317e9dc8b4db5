import { constants, inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { malformedFrame } from '../../../../../target/faults/stream/malformed.ts'
import { StoredEvent } from '../../../../../target/streams/event.ts'
import { payloadOf } from '../../../../../target/connections/http-wire.ts'
import { ndjson } from '../../../../../target/protocols/ndjson.ts'
import { sse } from '../../../../../target/protocols/sse.ts'
import { eventAbout } from '../../../../support/frame-about.ts'
import type { Frame } from '../../../../../target/connections/frame.ts'
import { SocketFrame } from '../../../../../target/connections/socket-wire.ts'

const position = { stream: 'jobs', partition: 0, offset: 7, publishedAt: 1 }
const event = new StoredEvent(
  { event_type: 'job.created', event_id: 'e1', data: { text: 'ä'.repeat(300) } },
  position,
  'ab',
  1,
)
const socketFrame = new SocketFrame(event.text, eventAbout(1, 'room'), 'key')

it.each<[string, Frame, (frame: Frame) => string]>([
  ['SSE', event.frame(sse), frame => /data: (.*)\n\n$/.exec(payloadOf(frame).toString())![1]!],
  ['NDJSON', event.frame(ndjson), frame => payloadOf(frame).toString()],
  ['a WebSocket', socketFrame, frame => frame.bytes.subarray(-frame.payloadBytes).toString()],
  ['a compressed WebSocket', socketFrame, frame => inflated(frame.deflated!.subarray(2))],
])('a message over %s is invalid JSON, and otherwise unchanged', (_wire, frame, textOf) => {
  const spoilt = malformedFrame(frame)
  expect(JSON.parse(textOf(frame))).toMatchObject({ event_id: 'e1' })
  expect(() => JSON.parse(textOf(spoilt)) as unknown).toThrow(SyntaxError)
  expect(textOf(spoilt).trimEnd()).toBe(textOf(frame).trimEnd().replace(/\}$/, ','))
  expect(spoilt.bytes.length).toBe(frame.bytes.length)
  expect(spoilt).toMatchObject({ about: frame.about, key: frame.key, payloadBytes: frame.payloadBytes })
  // Once for all that it affects.
  expect(malformedFrame(frame)).toBe(spoilt)
})

/** Without what every flushed block ends with. */
function inflated(packed: Buffer): string {
  const tail = Buffer.from([0, 0, 0xff, 0xff])
  return inflateRawSync(Buffer.concat([packed, tail]), { finishFlush: constants.Z_SYNC_FLUSH }).toString()
}

it('a frame without JSON loses a colon of its headers', () => {
  const frame = malformedFrame(new SocketFrame('RECEIPT\nreceipt-id:r-1\n\n\0', { kind: 'control' }))
  expect(frame.bytes.subarray(-frame.payloadBytes).toString()).toBe('RECEIPT\nreceipt-id,r-1\n\n\0')
})
