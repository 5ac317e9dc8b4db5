import { describe, expect, it } from 'vitest'
import { acknowledgement, pong, refusal } from '../../../../../target/connections/frame.ts'
import { messageOf } from '../../../../../target/faults/stream/message.ts'
import { concerns } from '../../../../../target/faults/stream/message-faults.ts'
import { eventAbout } from '../../../../support/frame-about.ts'

describe('a message', () => {
  it('is identified by its position, not by the epoch', () => {
    const place = { channel: 'jobs', partition: 3, offset: 7 }
    const message = messageOf({ kind: 'event', ...place, sequence: 12 }, 99)
    expect(message).toEqual({ kind: 'event', channel: 'jobs', identity: ['jobs', 3, 7], sequence: 'jobs/3' })
    expect(messageOf({ kind: 'event', ...place, sequence: 500 }, 0)).toEqual(message)
    expect(messageOf(eventAbout(12, 'room:a@b'), 99)).toEqual({
      kind: 'event',
      channel: 'room:a@b',
      identity: ['room:a@b', '12'],
      sequence: 'room:a@b',
    })
  })

  it('without a position is identified by its ordinal, and is not ordered', () => {
    const [first, second] = [0, 1].map(ordinal => messageOf(eventAbout('presence', 'doc'), ordinal))
    expect(first!.identity).not.toEqual(second!.identity)
    expect(first).toMatchObject({ channel: 'doc', sequence: undefined })
    expect(concerns('drop', first!)).toBe(true)
    expect(concerns('reorder', first!)).toBe(false)
  })

  it.each([
    [acknowledgement('room:a'), 'acknowledgement', 'room:a'],
    [acknowledgement('a', 'b'), 'acknowledgement', undefined],
    [refusal, 'refusal', undefined],
    [pong, 'pong', undefined],
  ])('that answers, %j, is %s of %s', (about, kind, channel) => {
    const message = messageOf(about, 0)
    expect(message).toMatchObject({ kind, channel })
    for (const type of ['partial_ack', 'misdirected_ack'] as const)
      expect(concerns(type, message)).toBe(kind === 'acknowledgement')
    expect(concerns('delay', message)).toBe(true)
    for (const type of ['drop', 'duplicate', 'reorder'] as const) expect(concerns(type, message)).toBe(false)
  })
})
