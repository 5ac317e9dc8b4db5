import type { StoredEvent } from './event.ts'

/** Whoever wants to know of each new event of a stream. */
export interface Subscriber {
  offer(event: StoredEvent): void
}
