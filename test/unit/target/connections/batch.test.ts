import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../target/connections/batch.ts'
import { SocketFrame } from '../../../../target/connections/socket-wire.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import type { Encoding } from '../../../../target/connections/wire.ts'

const plain: Encoding = { bytesOf: frame => frame.bytes }
const deflating: Encoding = { bytesOf: frame => (frame as SocketFrame).deflated }
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
    expect(batch.joined(plain)).toBe(joined)
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
