import { Ring } from '../../../core/ring.ts'
import { type MemoryBudget, type MemoryTable, textBytes } from '../../memory/budget.ts'

/** A placed order as JSON. */
interface PlacedOrder {
  id: number
  account: string
  json: string
  memoryBytes: number
}

/**
 * Characters that each order may have on average. They bound the total text, because addresses and long lists need memory.
 */
const CHARS_PER_ORDER = 2048

/** Estimate for an order without its text, including an account with no other order; measured and rounded up. */
const ORDER_BYTES = 700

export const firstPlacedId = 10_001

/**
 * Orders that clients placed, over all tenants. Beyond a bound the oldest are forgotten, and an account with its last
 * order.
 */
export class PlacedOrders {
  /** Oldest first; their ids have no gaps. */
  #all = new Ring<PlacedOrder>()
  readonly #byAccount = new Map<string, Ring<PlacedOrder>>()
  #chars = 0
  #nextId = firstPlacedId
  readonly #memory: MemoryTable

  constructor(memory: MemoryBudget) {
    this.#memory = memory.table('orders', () => this.#forgetOldest())
  }

  get nextId(): number {
    return this.#nextId
  }

  /** Number of accounts with an order here. */
  get accounts(): number {
    return this.#byAccount.size
  }

  /** Adds an order under `nextId`. @param kept maximum number of orders to keep; the new one is kept whatever its size */
  add(account: string, json: string, kept: number): void {
    const memoryBytes = ORDER_BYTES + 2 * account.length + textBytes(json)
    const order: PlacedOrder = { id: this.#nextId, account, json, memoryBytes }
    this.#nextId += 1
    this.#all.push(order)
    let own = this.#byAccount.get(account)
    if (own === undefined) this.#byAccount.set(account, (own = new Ring()))
    own.push(order)
    this.#chars += json.length
    while (this.#all.length > kept || (this.#chars > kept * CHARS_PER_ORDER && this.#all.length > 1))
      this.#forgetOldest()
    this.#memory.charge(memoryBytes)
  }

  find(account: string, id: number): string | undefined {
    const order = this.#all.at(id - this.#nextId + this.#all.length)
    return order?.account === account ? order.json : undefined
  }

  count(account: string): number {
    return this.#byAccount.get(account)?.length ?? 0
  }

  /** Returns an account's order by its index from the newest, which is 0; undefined beyond the oldest. */
  newest(account: string, place: number): string | undefined {
    const own = this.#byAccount.get(account)
    return own?.at(own.length - 1 - place)?.json
  }

  clear(): void {
    for (let order = this.#all.shift(); order !== undefined; order = this.#all.shift()) {
      this.#memory.release(order.memoryBytes)
    }
    this.#all = new Ring()
    this.#byAccount.clear()
    this.#chars = 0
    this.#nextId = firstPlacedId
  }

  #forgetOldest(): boolean {
    const oldest = this.#all.shift()
    if (oldest === undefined) return false
    const { account, json, memoryBytes } = oldest
    this.#memory.release(memoryBytes)
    this.#chars -= json.length
    const own = this.#byAccount.get(account) as Ring<PlacedOrder>
    // The oldest of all orders is the oldest of its account.
    own.shift()
    if (own.length === 0) this.#byAccount.delete(account)
    return true
  }
}
