import { describe, expect, it } from 'vitest'
import { prefixed } from '../../../../../target/gateways/grpc/grpc-frame.ts'
import { MessageReader } from '../../../../../target/gateways/grpc/message-reader.ts'

const limits = { messageBytes: 100, messages: 1000 }
const texts = ['', 'a', 'some text', 'x'.repeat(100)]
const bytes = Buffer.concat(texts.map(text => prefixed(Buffer.from(text))))

describe('a reader of messages', () => {
  it.each([1, 2, 3, 5, 7, 64, bytes.length])('reads the same from pieces of %i bytes', size => {
    const reader = new MessageReader(limits)
    const read: string[] = []
    for (let at = 0; at < bytes.length; at += size) {
      for (const message of reader.read(bytes.subarray(at, at + size))) read.push(message.toString())
    }
    reader.finish()
    expect(read).toEqual(texts)
    expect([reader.messages, reader.pendingBytes]).toEqual([texts.length, 0])
  })

  it('refuses a long message by its prefix, before it comes', () => {
    const prefix = Buffer.from([0, 0, 0, 0, 101])
    expect(() => [...new MessageReader(limits).read(prefix)]).toThrow('at most 100 bytes, got 101 (grpc.messageBytes)')
  })

  it('tells a rest that is no message', () => {
    const reader = new MessageReader(limits)
    expect([...reader.read(bytes.subarray(0, 7))].map(String)).toEqual([''])
    expect(reader.pendingBytes).toBe(2)
    expect(() => reader.finish()).toThrow('ended early')
  })

  it('yields no more messages than it may', () => {
    const reader = new MessageReader({ ...limits, messages: 2 })
    expect(() => [...reader.read(bytes)]).toThrow('at most 2 messages (grpc.messages)')
  })
})
