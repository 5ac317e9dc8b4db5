import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Linked } from '../../core/linked-list.ts'
import type { HeapItem } from '../../core/heap.ts'

/** A visitor of a station. Exactly one of the outcomes is reported, never during `enter`. */
export interface Visitor {
  /** Draws the service time when the service begins. */
  drawMs(service: Distribution): number
  /** The service is complete. Both times are planned times; slightly more has passed when this is called. */
  served(waitMs: number, serviceMs: number): void
  /** The visitor waited for the longest time allowed. */
  timedOut(): void
  /** The station was removed and the visitor continues at once. The times are those until now. */
  released(waitedMs: number, servedMs: number): void
}

/** One visit to a station, from arrival to outcome. Times are monotonic ms. */
export class Visit implements HeapItem, Linked<Visit> {
  readonly visitor: Visitor
  readonly ordinal: number
  readonly arrivedAt: number
  state: 'waiting' | 'served' | 'over' = 'waiting'
  waitMs = 0
  serviceMs = 0
  /** When the service ends, or when the wait times out. */
  dueAt = Number.POSITIVE_INFINITY
  place = -1
  /** Index in a line of the discipline `random`. */
  position = -1
  previous: Visit | undefined
  next: Visit | undefined

  constructor(visitor: Visitor, ordinal: number, arrivedAt: number) {
    this.visitor = visitor
    this.ordinal = ordinal
    this.arrivedAt = arrivedAt
  }
}

/** Orders by due time. At the same time, a service ends before a wait times out, so that the waiting visitor is served. */
export function comesBefore(a: Visit, b: Visit): boolean {
  if (a.dueAt !== b.dueAt) return a.dueAt < b.dueAt
  return a.state === b.state ? a.ordinal < b.ordinal : a.state === 'served'
}
