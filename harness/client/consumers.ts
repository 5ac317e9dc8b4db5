import type { ConsumerCount } from '../../contract/run-result.ts'

/** As many as the target's ledger keeps by default. */
const MOST_CONSUMERS = 20_000

/** One stream's consumer, over all its connections. */
export interface ConsumerAccount extends ConsumerCount {
  /** Whether the target has ever let it in. */
  opened: boolean
}

/** What each consumer of the run has received, by the key under which the target accounts for it too. Bounded. */
export class Consumers {
  readonly #accounts: ConsumerAccount[] = []

  of(key: string): ConsumerAccount {
    const account = { key, received: 0, opened: false }
    if (this.#accounts.length < MOST_CONSUMERS) this.#accounts.push(account)
    return account
  }

  /** Those that were let in. */
  list(): ConsumerCount[] {
    return this.#accounts.filter(({ opened }) => opened).map(({ key, received }) => ({ key, received }))
  }
}
