/** undici's lowest call, with a handler that only counts. */
import { type Dispatcher, Pool } from 'undici'
import { eventSource } from '../event.ts'
import { driveConnections } from '../load.ts'
import type { LoadOrder, LoadReading } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'

serveOrders(async (order: LoadOrder): Promise<LoadReading> => {
  const { origin, pathname, search } = new URL(order.url)
  const pool = new Pool(origin, { connections: order.connections, pipelining: 1, allowH2: false })
  const path = pathname + search
  const nextEvent = eventSource()
  const publishing = { 'content-type': 'application/json', authorization: `Bearer ${order.token}` }
  const options = (): Dispatcher.DispatchOptions =>
    order.token === undefined
      ? { path, ...(order.request ?? { method: 'GET' }) }
      : { path, method: 'POST', headers: publishing, body: nextEvent() }
  const reading = await driveConnections(
    order,
    () => new Promise(answered => pool.dispatch(options(), new Handler(answered))),
  )
  await pool.close()
  return reading
})
sayReady('idle')

class Handler implements Dispatcher.DispatchHandler {
  readonly #answered: (good: boolean) => void
  #good = false

  constructor(answered: (good: boolean) => void) {
    this.#answered = answered
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#good = status < 400
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#answered(this.#good)
  }

  onResponseError(): void {
    this.#answered(false)
  }
}
