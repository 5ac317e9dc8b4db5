import { currency } from '../../../contract/api/catalog.ts'
import { type Order, type OrderRequest, type OrderStatus, seededOrderIds } from '../../../contract/api/orders.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { checkAddress, linesOf, totalOf } from './order-request.ts'
import type { Owner } from '../../exchange/owner.ts'
import { PlacedOrders } from './placed-orders.ts'
import { memberText, onOneLine } from '../../json/members.ts'
import { isSeededOrder, seededIds, seededOrder, type SeededOrderDependencies } from './seeded-order.ts'

export interface OrdersDependencies extends SeededOrderDependencies {
  settings: Settings
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** The seeded and placed orders of all owners. Placed orders are serialized once. */
export class Orders {
  readonly #dependencies: OrdersDependencies
  readonly #placed: PlacedOrders

  constructor(dependencies: OrdersDependencies) {
    this.#dependencies = dependencies
    this.#placed = new PlacedOrders(dependencies.memory)
    dependencies.lifecycle.onReset('data', () => this.reset())
  }

  /**
   * Places an order at the catalog's prices. Beyond `orders.kept` the oldest placed orders of all owners are forgotten.
   * @param source JSON of the request; the address is kept as written there
   * @throws ProblemError invalid_request, unknown_product
   */
  place(owner: Owner, request: OrderRequest, source?: string): { id: number; json: string } {
    const { catalog, clock, settings } = this.#dependencies
    const items = linesOf(request, catalog)
    checkAddress(request)
    const id = this.#placed.nextId
    const order: Order = {
      id,
      user_id: owner.userId,
      status: 'pending',
      items,
      total: totalOf(items),
      currency,
      created_at: new Date(clock.wallTime()).toISOString(),
    }
    const isAddressed = (request.shipping_address ?? null) !== null
    const address = isAddressed ? memberText(source ?? JSON.stringify(request), 'shipping_address') : undefined
    const head = JSON.stringify(order)
    const json = address === undefined ? head : `${head.slice(0, -1)},"shipping_address":${onOneLine(address)}}`
    this.#placed.add(owner.account, json, settings.current.orders.kept)
    return { id, json }
  }

  /** Returns the JSON of an owner's order; undefined if there is none with this id. */
  find(owner: Owner, id: number): string | undefined {
    return isSeededOrder(id) ? this.#seeded(owner, id) : this.#placed.find(owner.account, id)
  }

  /** Returns the JSON of an owner's orders, optionally of one status, newest first, from `start` to before `end`. */
  list(owner: Owner, status: OrderStatus | undefined, start: number, end: number): { items: string[]; total: number } {
    // Placed orders stay pending.
    const placed = status === undefined || status === 'pending' ? this.#placed.count(owner.account) : 0
    const seeded = seededIds(owner, status, this.#dependencies.random)
    const total = placed + seeded.length
    const items: string[] = []
    for (let place = start; place < Math.min(end, total); place += 1) {
      const json =
        place < placed
          ? this.#placed.newest(owner.account, place)
          : this.#seeded(owner, seeded[place - placed] as number)
      items.push(json as string)
    }
    return { items, total }
  }

  count(owner: Owner): number {
    return seededOrderIds.last - seededOrderIds.first + 1 + this.#placed.count(owner.account)
  }

  /** Removes all placed orders. */
  reset(): void {
    this.#placed.clear()
  }

  #seeded(owner: Owner, id: number): string {
    return JSON.stringify(seededOrder(owner, id, this.#dependencies))
  }
}
