import { describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../../../contract/api/events.ts'
import { StoredEvent } from '../../../../target/streams/event.ts'

const position = { stream: 'orders', partition: 3, offset: 17, publishedAt: 1_700_000_000_000.125 }
const place = { stream: 'orders', partition: 3, offset: 17, published_at: 1_700_000_000_000.125 }
const envelope: EventEnvelope = { event_type: 'order.created', event_id: 'e-1', data: { note: 'Zoë\n"x"' } }

const textOf = (event: EventEnvelope, source?: string) => new StoredEvent(event, position, 'epoch', 1, source).text

describe('the text of a stored event', () => {
  it('is the event and its position, whether serialised again or kept as received', () => {
    const written = textOf(envelope)
    expect(JSON.parse(written)).toEqual({ ...envelope, ...place })
    expect(textOf(envelope, JSON.stringify(envelope))).toBe(written)
  })

  it.each([
    ['spreads over lines', JSON.stringify(envelope, null, 2)],
    ['has carriage returns', JSON.stringify(envelope, null, '\t').replaceAll('\n', '\r\n')],
    ['ends with a line break', `${JSON.stringify(envelope)}\r\n`],
    ['ends with a blank', `${JSON.stringify(envelope)} `],
  ])('is one line with the same values, also when the source %s', (_, source) => {
    const text = textOf(envelope, source)
    expect(text).not.toMatch(/[\r\n]/)
    expect(JSON.parse(text)).toEqual({ ...envelope, ...place })
  })

  it('keeps the event as it was written, except for the fields of the stream', () => {
    const data = '{"id":9007199254740993,"big":1e400,"zero":-0,"fine":1.50,"a":1,"a":2,"lone":"\\ud800"}'
    const source = `{"event_type":"x","event_id":"1","stream":"mine","data":${data},"\\u0063ursor":1,"offset":7}`
    const text = textOf(JSON.parse(source) as EventEnvelope, source)
    expect(text).toContain(`{"event_type":"x","event_id":"1","data":${data},"stream":"orders"`)
    expect(text).not.toMatch(/mine|ursor|"offset":7/)
  })

  it('states the event’s position, whatever the client claims', () => {
    const claiming = { ...envelope, stream: 'mine', partition: 99, offset: -1, published_at: 0, cursor: 'x' }
    const text = textOf(claiming, JSON.stringify(claiming))
    expect(JSON.parse(text)).toEqual({ ...envelope, ...place })
    expect(text.match(/"offset"/g)).toHaveLength(1)
  })
})
