import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Linked } from '../../core/linked-list.ts'
import type { Placed } from '../../core/heap.ts'

/** Who has a place at a station. It is told once what becomes of it, never within the call by which it came. */
export interface Visitor {
  /** How long its service takes, drawn when that begins. */
  drawMs(service: Distribution): number
  /** Its service is over. Both times are as planned: when this is called, a little more has passed. */
  served(waitMs: number, serviceMs: number): void
  /** It has waited as long as may be. */
  timedOut(): void
  /** The station is no more: it goes on at once. What it has waited and was served until now. */
  released(waitedMs: number, servedMs: number): void
}

/** One visit of a station, from coming to being told what became of it. Times are the clock's monotonic ms. */
export class Visit implements Placed, Linked<Visit> {
  readonly visitor: Visitor
  readonly ordinal: number
  readonly arrivedAt: number
  state: 'waiting' | 'served' | 'over' = 'waiting'
  waitMs = 0
  serviceMs = 0
  /** When it is its turn to be looked at: the end of its service, or of its patience. */
  dueAt = Number.POSITIVE_INFINITY
  place = -1
  /** In a line in no order. */
  position = -1
  previous: Visit | undefined
  next: Visit | undefined

  constructor(visitor: Visitor, ordinal: number, arrivedAt: number) {
    this.visitor = visitor
    this.ordinal = ordinal
    this.arrivedAt = arrivedAt
  }
}

/** In time; of two at once, a service ends before a patience does, so that who has waited long enough is served. */
export function comesBefore(a: Visit, b: Visit): boolean {
  if (a.dueAt !== b.dueAt) return a.dueAt < b.dueAt
  return a.state === b.state ? a.ordinal < b.ordinal : a.state === 'served'
}
