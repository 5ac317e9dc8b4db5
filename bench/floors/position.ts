import type { PublishResponse } from '../../contract/api/events.ts'

let offset = 0

/** The answer to a published event, byte for byte as long as the target's. */
export function positionOf(eventId: string): PublishResponse {
  return { event_id: eventId, stream: 'orders', partition: 3, offset: offset++, accepted_at: Date.now() + 0.25 }
}
