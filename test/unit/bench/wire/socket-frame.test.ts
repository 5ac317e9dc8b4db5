import { expect, test } from 'vitest'
import { frameOf, maskedFrameOf } from '../../../../bench/wire/socket-frame.ts'
import { SocketFrame } from '../../../../target/connections/socket-wire.ts'

test.each([5, 125, 126, 5000])(
  'a frame of %i bytes is as the target makes it, and masked with zeros by a client',
  length => {
    const text = 'x'.repeat(length)
    const { bytes, payloadBytes } = new SocketFrame(text)
    expect(frameOf(text)).toEqual(bytes)
    const masked = maskedFrameOf(text)
    const headBytes = bytes.length - payloadBytes
    expect(masked[0]).toBe(bytes[0])
    expect((masked[1] as number) & 0x7f).toBe(bytes[1])
    expect(masked.length).toBe(bytes.length + 4)
    expect((masked[1] as number) & 0x80).toBe(0x80)
    expect(masked.subarray(headBytes)).toEqual(Buffer.from(`\0\0\0\0${text}`))
  },
)
