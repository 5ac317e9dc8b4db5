import type { Clock } from '../../core/clock.ts'
import { Heap } from '../../core/heap.ts'
import type { Random } from '../../core/random.ts'
import type { DelayQueue, Wait } from '../faults/delay-queue.ts'
import { type Line, lineOf } from './line.ts'
import { StationBook } from './station-book.ts'
import type { StationNumbers } from './station-numbers.ts'
import { comesBefore, Visit, type Visitor } from './visit.ts'

export interface StationParts {
  clock: Pick<Clock, 'now'>
  delays: Pick<DelayQueue, 'at'>
  /** Of this station: it decides who is next in the discipline `random`. */
  random: Random
}

/**
 * A queue with servers: G/G/c/K, with K = servers + queue limit. No server is idle while somebody waits.
 *
 * It is worked out in the time of its plan: a service begins when the one before it was due to end, and not when the loop
 * came round to it. So a late loop makes single answers late, and the queue no longer than it should be.
 */
export class Station {
  readonly #parts: StationParts
  #numbers: StationNumbers
  #line: Line
  /** Who is served, by the end of that, and who waits with limited patience, by the end of this. */
  readonly #agenda = new Heap<Visit>(comesBefore)
  #book = new StationBook()
  #nextOrdinal = 0
  #busy = 0
  #wake: { dueAt: number; wait: Wait } | undefined

  constructor(numbers: StationNumbers, parts: StationParts) {
    this.#parts = parts
    this.#numbers = numbers
    this.#line = lineOf(numbers.discipline, parts.random)
  }

  get numbers(): StationNumbers {
    return this.#numbers
  }

  get book(): StationBook {
    return this.#book
  }

  /** Servers that are at work now; more than there are while some of those that were taken away finish theirs. */
  get busy(): number {
    return this.#busy
  }

  get queued(): number {
    return this.#line.length
  }

  /** The visit; undefined of who is turned away because the queue is full. */
  enter(visitor: Visitor): Visit | undefined {
    const now = this.#comeToNow()
    const visit = new Visit(visitor, this.#nextOrdinal++, now)
    this.book.arrived += 1
    this.book.arrivals.add(now)
    if (this.#busy < this.#numbers.servers) this.#serve(visit, now)
    else if (this.#line.length < this.#numbers.queueLimit) this.#wait(visit)
    else {
      this.book.turnedAway += 1
      return undefined
    }
    this.#setWake()
    return visit
  }

  /**
   * The visitor does not care any more. Who waits frees its place; who is served keeps its server to the end of the
   * service, as a database finishes a query that nobody reads. Tells whether it waited.
   */
  leave(visit: Visit): boolean {
    this.#comeToNow()
    const waited = visit.state === 'waiting'
    if (waited) {
      this.#line.remove(visit)
      this.#end(visit)
      this.book.abandoned += 1
    }
    this.#setWake()
    return waited
  }

  /** Who is there stays: the new numbers hold for those who wait, and for services that begin from now on. */
  change(numbers: StationNumbers): void {
    const now = this.#comeToNow()
    const waiting = this.#line.all().toSorted((a, b) => a.ordinal - b.ordinal)
    this.#numbers = numbers
    this.#line = lineOf(numbers.discipline, this.#parts.random)
    for (const visit of waiting) {
      this.#agenda.remove(visit)
      this.#wait(visit)
    }
    this.#serveNext(now)
    this.#comeTo(now)
    this.#setWake()
  }

  /** Everybody goes on at once. */
  close(): void {
    const now = this.#comeToNow()
    const visits = this.#line.all()
    for (let visit = this.#agenda.first; visit !== undefined; visit = this.#agenda.first) {
      if (visit.state === 'served') visits.push(visit)
      this.#agenda.remove(visit)
    }
    this.#line = lineOf(this.#numbers.discipline, this.#parts.random)
    this.#busy = 0
    this.#setWake()
    for (const visit of visits) {
      const stayedMs = now - visit.arrivedAt
      const waitedMs = visit.state === 'served' ? visit.waitMs : stayedMs
      visit.state = 'over'
      this.book.released += 1
      visit.visitor.released(waitedMs, stayedMs - waitedMs)
    }
  }

  /** It counts from here again; who is there stays, and is counted as arrived. */
  forgetCounts(): void {
    this.settle()
    this.#book = new StationBook(this.#busy + this.#line.length)
  }

  /** Brings the counts up to this moment. */
  settle(): void {
    this.#comeToNow()
    this.#setWake()
  }

  #comeToNow(): number {
    const now = this.#parts.clock.now()
    this.#comeTo(now)
    return now
  }

  /** Everything that was due until then happens, in its order and at its time. */
  #comeTo(now: number): void {
    for (let visit = this.#agenda.first; visit !== undefined && visit.dueAt <= now; visit = this.#agenda.first) {
      const { state, dueAt, waitMs, serviceMs, visitor } = visit
      if (state === 'waiting') {
        this.#line.remove(visit)
        this.#end(visit)
        this.book.timedOut += 1
        visitor.timedOut()
        continue
      }
      this.#end(visit)
      this.#busy -= 1
      this.book.served += 1
      this.book.service.record(serviceMs)
      visitor.served(waitMs, serviceMs)
      this.#serveNext(dueAt)
    }
  }

  #serveNext(at: number): void {
    while (this.#busy < this.#numbers.servers) {
      const visit = this.#line.next()
      if (visit === undefined) return
      this.#agenda.remove(visit)
      this.#serve(visit, at)
    }
  }

  #serve(visit: Visit, at: number): void {
    visit.waitMs = at - visit.arrivedAt
    visit.serviceMs = visit.visitor.drawMs(this.#numbers.service)
    visit.state = 'served'
    visit.dueAt = at + visit.serviceMs
    this.book.wait.record(visit.waitMs)
    this.#busy += 1
    this.#agenda.push(visit)
  }

  #wait(visit: Visit): void {
    this.#line.push(visit)
    visit.dueAt = visit.arrivedAt + this.#numbers.timeoutMs
    if (visit.dueAt < Number.POSITIVE_INFINITY) this.#agenda.push(visit)
  }

  #end(visit: Visit): void {
    this.#agenda.remove(visit)
    visit.state = 'over'
  }

  /** One wait for the whole station, for what is due next. */
  #setWake(): void {
    const dueAt = this.#agenda.first?.dueAt
    if (this.#wake?.dueAt === dueAt) return
    this.#wake?.wait.cancel()
    this.#wake = undefined
    if (dueAt === undefined) return
    const wait = this.#parts.delays.at(dueAt, () => {
      this.#wake = undefined
      this.settle()
    })
    this.#wake = { dueAt, wait }
  }
}
