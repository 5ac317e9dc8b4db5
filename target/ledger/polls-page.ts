import type { PollsAccount } from '../../contract/ledger.ts'
import type { PollsBook, StreamWindow } from '../exchange/account.ts'
import type { DeliveriesPage } from './deliveries-page.ts'

/** Long polls that were answered during a run. */
export class PollsPage implements PollsBook {
  readonly #account: PollsAccount = { answered: 0, empty: 0, refused: 0, reset: 0, events: 0 }
  readonly #deliveries: DeliveriesPage

  constructor(deliveries: DeliveriesPage) {
    this.#deliveries = deliveries
  }

  refused(): void {
    this.#account.refused += 1
  }

  answered(events: number, window: StreamWindow, wasReset: boolean): void {
    if (events > 0 || wasReset) this.#account.answered += 1
    else this.#account.empty += 1
    if (wasReset) this.#account.reset += 1
    this.#account.events += events
    const delivery = this.#deliveries.of(window.stream)
    delivery.delivered += events
    delivery.polled += events
    delivery.close(window)
  }

  report(): PollsAccount {
    return { ...this.#account }
  }
}
