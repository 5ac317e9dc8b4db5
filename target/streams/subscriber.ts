import type { StoredEvent } from './event.ts'

/** Receives each new event of a stream. */
export interface Subscriber {
  offer(event: StoredEvent): void
}
