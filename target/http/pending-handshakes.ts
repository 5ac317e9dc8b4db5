import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { RequestExchange } from './request-exchange.ts'

/**
 * Handshakes that faults delay. The server has handed over their sockets and no endpoint has taken them yet, so they are ended
 * here.
 */
export class PendingHandshakes {
  readonly #exchanges = new Set<RequestExchange>()

  constructor(lifecycle: Lifecycle) {
    lifecycle.on('cut', () => this.#cut())
  }

  /** Keeps a handshake here while its faults are injected. */
  async hold<Outcome>(exchange: RequestExchange, inject: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    exchange.watchConnection()
    this.#exchanges.add(exchange)
    try {
      return await inject()
    } finally {
      this.#exchanges.delete(exchange)
      // The new owner of the socket closes it in its own way.
      exchange.unwatchConnection()
    }
  }

  #cut(): void {
    for (const exchange of this.#exchanges) {
      exchange.markCut()
      exchange.connection.destroy()
    }
  }
}
