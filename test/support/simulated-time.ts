import { Heap, type HeapItem } from '../../core/heap.ts'

interface Entry extends HeapItem {
  dueAt: number
  ordinal: number
  fire(): void
}

/** A clock with its delay queue, without an event loop, so that simulations run at full speed. */
export class SimulatedTime {
  readonly #entries = new Heap<Entry>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.ordinal < b.ordinal))
  #ordinal = 0
  #now = 0
  /** Called with the amount before the time advances. */
  onPassing: (durationMs: number) => void = () => {}

  now(): number {
    return this.#now
  }

  at(dueAt: number, fire: () => void): { cancel(): void } {
    const entry = { dueAt, fire, ordinal: this.#ordinal++, place: -1 }
    this.#entries.push(entry)
    return { cancel: () => this.#entries.remove(entry) }
  }

  /** Advances the time until then. */
  runUntil(untilMs: number): void {
    for (let entry = this.#entries.first; entry !== undefined && entry.dueAt <= untilMs; entry = this.#entries.first) {
      this.#pass(entry.dueAt)
      this.#entries.remove(entry)
      entry.fire()
    }
    this.#pass(untilMs)
  }

  /** Advances the time until no timer is left. */
  runOut(): void {
    for (let entry = this.#entries.first; entry !== undefined; entry = this.#entries.first) this.runUntil(entry.dueAt)
  }

  /** Advances the time without firing anything, as when the event loop is blocked. */
  stall(durationMs: number): void {
    this.#pass(this.#now + durationMs)
  }

  #pass(untilMs: number): void {
    if (untilMs <= this.#now) return
    this.onPassing(untilMs - this.#now)
    this.#now = untilMs
  }
}
