import { describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../../../contract/events.ts'
import { StoredEvent } from '../../../../target/streams/event.ts'

const position = { stream: 'orders', partition: 3, offset: 17, publishedAt: 1_700_000_000_000.125 }
const place = { stream: 'orders', partition: 3, offset: 17, published_at: 1_700_000_000_000.125 }
const envelope: EventEnvelope = { event_type: 'order.created', event_id: 'e-1', data: { note: 'Zoë\n"x"' } }

const textOf = (event: EventEnvelope, source?: string) => new StoredEvent(event, position, 'epoch', 1, source).text

describe('the text of a stored event', () => {
  it('is the event and its place, whether it was written again or taken as it came', () => {
    const written = textOf(envelope)
    expect(JSON.parse(written)).toEqual({ ...envelope, ...place })
    expect(textOf(envelope, JSON.stringify(envelope))).toBe(written)
  })

  it.each([
    ['spreads over lines', JSON.stringify(envelope, null, 2)],
    ['ends with a line break', `${JSON.stringify(envelope)}\r\n`],
    ['ends with a blank', `${JSON.stringify(envelope)} `],
  ])('is one line, also when the source %s', (_, source) => {
    expect(textOf(envelope, source)).toBe(textOf(envelope))
  })

  it('says where the event stands, whatever the client says of it', () => {
    const claiming = { ...envelope, stream: 'mine', partition: 99, offset: -1, published_at: 0, cursor: 'x' }
    const text = textOf(claiming, JSON.stringify(claiming))
    expect(JSON.parse(text)).toEqual({ ...envelope, ...place })
    expect(text.match(/"offset"/g)).toHaveLength(1)
  })
})
