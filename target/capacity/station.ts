import type { Clock } from '../../core/clock.ts'
import { Heap } from '../../core/heap.ts'
import type { Random } from '../../core/random.ts'
import type { DelayQueue, Wait } from '../../core/delay-queue.ts'
import { type Line, lineOf } from './line.ts'
import { StationBook } from './station-book.ts'
import type { StationSettings } from './station-settings.ts'
import { comesBefore, Visit, type Visitor } from './visit.ts'

export interface StationDependencies {
  clock: Pick<Clock, 'now'>
  delays: Pick<DelayQueue, 'at'>
  /** Randomness of this station, for the discipline `random`. */
  random: Random
}

/**
 * A queue with servers: G/G/c/K with K = servers + queue limit. No server is idle while a visitor waits.
 *
 * The station runs on planned time: a service begins when the previous one was due to end, not when the event loop got to
 * it. A late event loop therefore delays single responses, but never lengthens the queue.
 */
export class Station {
  readonly #dependencies: StationDependencies
  #settings: StationSettings
  #line: Line
  /** Visits in service by their end, and waiting visits with a timeout by that timeout. */
  readonly #agenda = new Heap<Visit>(comesBefore)
  #book = new StationBook()
  #nextOrdinal = 0
  #busy = 0
  /** Sum of the times at which the services under way began. */
  #begunAtSum = 0
  #wake: { dueAt: number; wait: Wait } | undefined

  constructor(settings: StationSettings, dependencies: StationDependencies) {
    this.#dependencies = dependencies
    this.#settings = settings
    this.#line = lineOf(settings.discipline, dependencies.random)
  }

  get settings(): StationSettings {
    return this.#settings
  }

  get book(): StationBook {
    return this.#book
  }

  /** Number of busy servers. It exceeds the configured number while removed servers finish their service. */
  get busy(): number {
    return this.#busy
  }

  /** Time for which its servers were busy, added up, since the counts began. */
  get busyMs(): number {
    return this.#book.service.sumMs + this.#busy * this.#dependencies.clock.now() - this.#begunAtSum
  }

  get queued(): number {
    return this.#line.length
  }

  /** Admits a visitor. Returns its visit, or undefined if the queue is full. */
  enter(visitor: Visitor): Visit | undefined {
    const now = this.#advanceToNow()
    const visit = new Visit(visitor, this.#nextOrdinal++, now)
    this.book.arrived += 1
    this.book.arrivals.add(now)
    if (this.#busy < this.#settings.servers) this.#serve(visit, now)
    else if (this.#line.length < this.#settings.queueLimit) this.#wait(visit)
    else {
      this.book.turnedAway += 1
      return undefined
    }
    this.#setWake()
    return visit
  }

  /**
   * The visitor leaves. A waiting visitor frees its place. A visitor in service keeps its server busy to the end, like a
   * database that finishes a query nobody reads. Returns whether it was waiting.
   */
  leave(visit: Visit): boolean {
    this.#advanceToNow()
    const waited = visit.state === 'waiting'
    if (waited) {
      this.#line.remove(visit)
      this.#end(visit)
      this.book.abandoned += 1
    }
    this.#setWake()
    return waited
  }

  /** Changes the settings for waiting visitors and for services that begin from now on. Nobody is turned away. */
  change(settings: StationSettings): void {
    const now = this.#advanceToNow()
    const waiting = this.#line.all().toSorted((a, b) => a.ordinal - b.ordinal)
    this.#settings = settings
    this.#line = lineOf(settings.discipline, this.#dependencies.random)
    for (const visit of waiting) {
      this.#agenda.remove(visit)
      this.#wait(visit)
    }
    this.#serveNext(now)
    this.#advanceTo(now)
    this.#setWake()
  }

  /** Releases all visitors at once. */
  close(): void {
    const now = this.#advanceToNow()
    const visits = this.#line.all()
    for (let visit = this.#agenda.first; visit !== undefined; visit = this.#agenda.first) {
      if (visit.state === 'served') visits.push(visit)
      this.#agenda.remove(visit)
    }
    this.#line = lineOf(this.#settings.discipline, this.#dependencies.random)
    this.#busy = 0
    this.#begunAtSum = 0
    this.#setWake()
    for (const visit of visits) {
      const stayedMs = now - visit.arrivedAt
      const waitedMs = visit.state === 'served' ? visit.waitMs : stayedMs
      visit.state = 'over'
      this.book.released += 1
      visit.visitor.released(waitedMs, stayedMs - waitedMs)
    }
  }

  /** Resets the counts. Present visitors stay and count as arrived. */
  forgetCounts(): void {
    this.settle()
    this.#book = new StationBook(this.#busy + this.#line.length)
  }

  /** Brings the counts up to date. */
  settle(): void {
    this.#advanceToNow()
    this.#setWake()
  }

  #advanceToNow(): number {
    const now = this.#dependencies.clock.now()
    this.#advanceTo(now)
    return now
  }

  /** Processes everything due until `now` in order, each at its due time. */
  #advanceTo(now: number): void {
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
      this.#begunAtSum -= dueAt - serviceMs
      this.book.completed(serviceMs)
      visitor.served(waitMs, serviceMs)
      this.#serveNext(dueAt)
    }
  }

  #serveNext(at: number): void {
    while (this.#busy < this.#settings.servers) {
      const visit = this.#line.next()
      if (visit === undefined) return
      this.#agenda.remove(visit)
      this.#serve(visit, at)
    }
  }

  #serve(visit: Visit, at: number): void {
    visit.waitMs = at - visit.arrivedAt
    visit.serviceMs = visit.visitor.drawMs(this.#settings.service)
    visit.state = 'served'
    visit.dueAt = at + visit.serviceMs
    this.book.wait.record(visit.waitMs)
    this.#busy += 1
    this.#begunAtSum += at
    this.#agenda.push(visit)
  }

  #wait(visit: Visit): void {
    this.#line.push(visit)
    visit.dueAt = visit.arrivedAt + this.#settings.timeoutMs
    if (visit.dueAt < Number.POSITIVE_INFINITY) this.#agenda.push(visit)
  }

  #end(visit: Visit): void {
    this.#agenda.remove(visit)
    visit.state = 'over'
  }

  /** Keeps one timer for the whole station, set to the next due time. */
  #setWake(): void {
    const dueAt = this.#agenda.first?.dueAt
    if (this.#wake?.dueAt === dueAt) return
    this.#wake?.wait.cancel()
    this.#wake = undefined
    if (dueAt === undefined) return
    const wait = this.#dependencies.delays.at(dueAt, () => {
      this.#wake = undefined
      this.settle()
    })
    this.#wake = { dueAt, wait }
  }
}
