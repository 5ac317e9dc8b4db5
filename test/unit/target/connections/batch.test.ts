import type { Socket } from 'node:net'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../target/connections/batch.ts'
import { SocketFrame } from '../../../../target/connections/socket-wire.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import type { Encoding, Wire } from '../../../../target/connections/wire.ts'

function wireOf(encoding: Encoding): Wire {
  return {
    socket: undefined as unknown as Socket,
    isOpen: true,
    encoding,
    bytesOf: frame => (encoding === 'websocket-deflate' ? (frame as SocketFrame).deflated : frame.bytes),
    end() {},
  }
}

const [plain, otherPlain, deflating] = [wireOf('websocket'), wireOf('websocket'), wireOf('websocket-deflate')]
const [a, b, answer] = [
  new SocketFrame('a'.repeat(300), eventAbout(1)),
  new SocketFrame('bb', eventAbout(2)),
  new SocketFrame('{}'),
]

describe('a batch', () => {
  it('is the same for all clients with the same frames, and joined once per wire format', () => {
    const begun = new Batch(a)
    const batch = begun.with(b)
    expect(begun.with(b)).toBe(batch)
    expect(begun.with(answer)).not.toBe(batch)
    const joined = batch.joined(plain)
    expect(joined).toEqual(Buffer.concat([a.bytes, b.bytes]))
    expect(batch.joined(otherPlain)).toBe(joined)
    expect(batch.joined(deflating)).toEqual(Buffer.concat([a.deflated, b.deflated]))
    expect(batch.joined(plain)).toEqual(joined)
    expect(begun.joined(plain)).toBe(a.bytes)
  })

  it('sums up its frames; answers are no events', () => {
    const { bytes, payloadBytes, events } = new Batch(a).with(answer).with(b)
    expect({ bytes, payloadBytes, events }).toEqual({
      bytes: a.bytes.length + b.bytes.length + answer.bytes.length,
      payloadBytes: 304,
      events: 2,
    })
  })
})

describe('a frame', () => {
  it.each([0, 125, 126, 65_535, 65_536])('of %d bytes says its length as RFC 6455 has it', length => {
    const { bytes, payloadBytes } = new SocketFrame('x'.repeat(length))
    const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
    expect({ bytes0: bytes[0], bytesLength: bytes.length, payloadBytes }).toEqual({
      bytes0: 0x81,
      bytesLength: headBytes + length,
      payloadBytes: length,
    })
    if (headBytes === 2) expect(bytes[1]).toBe(length)
    if (headBytes === 4)
      expect({ bytes1: bytes[1], readUInt16BE2: bytes.readUInt16BE(2) }).toEqual({ bytes1: 126, readUInt16BE2: length })
    if (headBytes === 10)
      expect({ bytes1: bytes[1], readBigUInt64BE2: bytes.readBigUInt64BE(2) }).toEqual({
        bytes1: 127,
        readBigUInt64BE2: BigInt(length),
      })
  })

  it('counts bytes, not characters, and is compressed by itself, once', () => {
    const text = 'Größe ✓ '.repeat(50)
    const frame = new SocketFrame(text)
    expect(frame.payloadBytes).toBe(Buffer.byteLength(text))
    const { deflated } = frame
    expect([deflated[0], frame.deflated === deflated, deflated.length < frame.bytes.length]).toEqual([0xc1, true, true])
    const flushed = Buffer.concat([deflated.subarray(2), Buffer.from([0, 0, 0xff, 0xff])])
    expect(inflateRawSync(flushed, { finishFlush: 2 }).toString()).toBe(text)
  })
})
