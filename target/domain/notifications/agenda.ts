import type { Clock } from '../../../core/clock.ts'

/**
 * Items by due time, with the precision of a tick. Adding, removing and moving an item takes constant time, and one timer
 * serves all items.
 */
export class Agenda<T> {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #itemsByTick = new Map<number, Set<T>>()
  readonly #tickByItem = new Map<T, number>()
  /** The last tick whose items were taken. */
  #taken = 0

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock
    this.#tickMs = tickMs
  }

  /** Makes an item due at this time instead of any other; at the next tick if the time has passed. */
  set(item: T, atMs: number): void {
    this.delete(item)
    // A long time without items is skipped instead of walked through tick by tick.
    if (this.#tickByItem.size === 0) this.#taken = Math.floor(this.#clock.now() / this.#tickMs)
    const tick = Math.max(Math.ceil(atMs / this.#tickMs), this.#taken + 1)
    this.#tickByItem.set(item, tick)
    const items = this.#itemsByTick.get(tick)
    if (items === undefined) this.#itemsByTick.set(tick, new Set([item]))
    else items.add(item)
  }

  delete(item: T): void {
    const tick = this.#tickByItem.get(item)
    if (tick === undefined) return
    this.#tickByItem.delete(item)
    const items = this.#itemsByTick.get(tick) as Set<T>
    items.delete(item)
    if (items.size === 0) this.#itemsByTick.delete(tick)
  }

  clear(): void {
    this.#itemsByTick.clear()
    this.#tickByItem.clear()
  }

  /** Removes and returns the items that have become due since the last call, in order. */
  takeDue(nowMs: number): T[] {
    const due: T[] = []
    const last = Math.floor(nowMs / this.#tickMs)
    while (this.#taken < last) {
      this.#taken += 1
      const items = this.#itemsByTick.get(this.#taken)
      if (items === undefined) continue
      this.#itemsByTick.delete(this.#taken)
      for (const item of items) {
        this.#tickByItem.delete(item)
        due.push(item)
      }
    }
    return due
  }
}
