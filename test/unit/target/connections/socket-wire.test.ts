import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SocketFrame } from '../../../../target/connections/socket-wire.ts'

describe('a frame', () => {
  it.each([0, 125, 126, 65_535, 65_536])('of %d bytes encodes its length as RFC 6455 demands', length => {
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

  it('counts bytes, not characters, and is compressed independently and only once', () => {
    const text = 'Größe ✓ '.repeat(50)
    const frame = new SocketFrame(text)
    expect(frame.payloadBytes).toBe(Buffer.byteLength(text))
    const { deflated } = frame
    expect(deflated[0]).toBe(0xc1)
    expect(frame.deflated).toBe(deflated)
    expect(deflated.length).toBeLessThan(frame.bytes.length)
    const flushed = Buffer.concat([deflated.subarray(2), Buffer.from([0, 0, 0xff, 0xff])])
    expect(inflateRawSync(flushed, { finishFlush: 2 }).toString()).toBe(text)
  })
})
