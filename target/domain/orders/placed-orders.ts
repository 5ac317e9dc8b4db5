import { Ring } from '../../../core/ring.ts'

/** An order as it is answered. */
interface PlacedOrder {
  id: number
  account: string
  json: string
}

/** Addresses and long lists weigh: the text of all orders is bounded too, as if each that may be kept had so many. */
const CHARS_PER_ORDER = 2048

export const firstPlacedId = 10_001

/** Orders that clients placed, over all tenants. Past a bound the oldest are forgotten, and accounts with their last one. */
export class PlacedOrders {
  /** Oldest first; their ids have no gaps. */
  #all = new Ring<PlacedOrder>()
  readonly #byAccount = new Map<string, Ring<PlacedOrder>>()
  #chars = 0
  #nextId = firstPlacedId

  get nextId(): number {
    return this.#nextId
  }

  /** How many accounts have an order here. */
  get accounts(): number {
    return this.#byAccount.size
  }

  /** Under `nextId`. @param kept most orders to keep; the one that is added is kept whatever it weighs */
  add(account: string, json: string, kept: number): void {
    const order = { id: this.#nextId, account, json }
    this.#nextId += 1
    this.#all.push(order)
    let own = this.#byAccount.get(account)
    if (own === undefined) this.#byAccount.set(account, (own = new Ring()))
    own.push(order)
    this.#chars += json.length
    while (this.#all.length > kept || (this.#chars > kept * CHARS_PER_ORDER && this.#all.length > 1))
      this.#forgetOldest()
  }

  find(account: string, id: number): string | undefined {
    const order = this.#all.at(id - this.#nextId + this.#all.length)
    return order?.account === account ? order.json : undefined
  }

  count(account: string): number {
    return this.#byAccount.get(account)?.length ?? 0
  }

  /** Counted from the account's newest, which is 0; undefined past its oldest. */
  newest(account: string, place: number): string | undefined {
    const own = this.#byAccount.get(account)
    return own?.at(own.length - 1 - place)?.json
  }

  clear(): void {
    this.#all = new Ring()
    this.#byAccount.clear()
    this.#chars = 0
    this.#nextId = firstPlacedId
  }

  #forgetOldest(): void {
    const { account, json } = this.#all.shift() as PlacedOrder
    this.#chars -= json.length
    const own = this.#byAccount.get(account) as Ring<PlacedOrder>
    // Oldest of all, so the oldest of its account.
    own.shift()
    if (own.length === 0) this.#byAccount.delete(account)
  }
}
