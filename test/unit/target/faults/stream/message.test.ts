import { describe, expect, it } from 'vitest'
import { concerns, messageOfAnswer, messageOfEvent } from '../../../../../target/faults/stream/message.ts'
import { SocketFrame } from '../../../../../target/connections/socket-frame.ts'
import { chunkOf } from '../../../../../target/connections/chunk.ts'

describe('a message', () => {
  it('is known by where it stands, not by the frame it comes in nor by the epoch', () => {
    const position = { stream: 'jobs', partition: 3, offset: 7, publishedAt: 1 }
    const message = messageOfEvent(chunkOf('x', 'ab-12', undefined, position), 99)
    expect(message).toEqual({ kind: 'event', channel: 'jobs', identity: ['jobs', 3, 7], sequence: 'jobs/3' })
    expect(messageOfEvent(chunkOf('other', 'cd-500', undefined, position), 0)).toEqual(message)
    expect(messageOfEvent(new SocketFrame('x', 'room:a@b@12'), 99)).toEqual({
      kind: 'event',
      channel: 'room:a@b',
      identity: ['room:a@b', '12'],
      sequence: 'room:a@b',
    })
  })

  it('without a place is told apart by its ordinal, and is in no order', () => {
    const [first, second] = [0, 1].map(ordinal => messageOfEvent(new SocketFrame('x', 'doc@presence'), ordinal))
    expect(first!.identity).not.toEqual(second!.identity)
    expect(first).toMatchObject({ channel: 'doc', sequence: undefined })
    expect(concerns('drop', first!)).toBe(true)
    expect(concerns('reorder', first!)).toBe(false)
  })

  it.each([
    [{ type: 'message_ack', channel: 'room:a' }, 'acknowledgement', 'room:a'],
    [{ type: 'document_joined', documentId: 'd' }, 'acknowledgement', 'd'],
    [{ type: 'subscribed', topics: ['t'] }, 'acknowledgement', 't'],
    [{ op: 'subscribed', streams: ['a', 'b'] }, 'acknowledgement', undefined],
    [{ type: 'error', code: 'forbidden' }, 'refusal', undefined],
    [{ type: 'pong' }, 'pong', undefined],
    [{ op: 'pong' }, 'pong', undefined],
  ])('that answers, %j, is %s of %s', (said, kind, channel) => {
    const message = messageOfAnswer(said, 0)
    expect(message).toMatchObject({ kind, channel })
    expect(concerns('partial_ack', message)).toBe(kind === 'acknowledgement')
    expect(concerns('delay', message)).toBe(true)
    for (const type of ['drop', 'duplicate', 'reorder'] as const) expect(concerns(type, message)).toBe(false)
  })
})
