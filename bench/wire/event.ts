import { randomBytes } from 'node:crypto'
import type { PublishResponse } from '../../contract/api/events.ts'

/** Occurs once in every event and nowhere else on the wire, so that counting these bytes counts events. */
export const EVENT_MARKER = '~'.charCodeAt(0)

const EVENT_BYTES = 500
const ORDINAL_DIGITS = 12

/** An `order.created` of 500 bytes, in two parts: between them goes the ordinal of its id, twelve digits. */
export interface OpenEvent {
  before: string
  after: string
}

/** Returns an event whose id has a unique prefix. */
export function openEvent(): OpenEvent {
  const before = `{"event_type":"order.created","event_id":"${randomBytes(6).toString('hex')}-`
  const fields = `"source":"bench","timestamp":1795132800000,"partition_key":"customer-7","data":{"order_id":"o-1001","customer_id":"c-7","items":[{"product_id":17,"quantity":2,"unit_price":19.5},{"product_id":23,"quantity":1,"unit_price":5.25}],"total":44.25,"currency":"EUR"`
  const written = before.length + ORDINAL_DIGITS + fields.length + '",,"note":"~"}}'.length
  return { before, after: `",${fields},"note":"~${'x'.repeat(EVENT_BYTES - written)}"}}` }
}

/** Returns a function that returns the JSON of a new event at each call. */
export function eventSource(): () => string {
  const { before, after } = openEvent()
  let ordinal = 0
  return () => `${before}${String(ordinal++).padStart(ORDINAL_DIGITS, '0')}${after}`
}

/** Returns an event as the target frames it: one SSE message. */
export function sseFrame(event: Record<string, unknown>, offset: number): string {
  const delivered = { ...event, stream: 'orders', partition: 3, offset, published_at: 1795132800000.25 }
  return `id: k3v9qx-${offset}\nevent: order.created\ndata: ${JSON.stringify(delivered)}\n\n`
}

/** Returns the number of events in the first bytes of the buffer. */
export function markersIn(buffer: Buffer, bytes: number): number {
  let count = 0
  for (let at = buffer.indexOf(EVENT_MARKER); at !== -1 && at < bytes; at = buffer.indexOf(EVENT_MARKER, at + 1))
    count++
  return count
}

let offset = 0

/** Returns the answer to a published event, exactly as long as the target's. */
export function positionOf(eventId: string): PublishResponse {
  return { event_id: eventId, stream: 'orders', partition: 3, offset: offset++, accepted_at: Date.now() + 0.25 }
}
