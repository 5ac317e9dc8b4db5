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
  readonly #most: number
  readonly #opened: ConsumerAccount[] = []
  #notKept = 0

  constructor(most = MOST_CONSUMERS) {
    this.#most = most
  }

  of(key: string): ConsumerAccount {
    return { key, received: 0, opened: false }
  }

  /** The target lets it in, for the first time or again. */
  open(account: ConsumerAccount): void {
    if (account.opened) return
    account.opened = true
    if (this.#opened.length < this.#most) this.#opened.push(account)
    else this.#notKept += 1
  }

  /** Those that were let in. */
  list(): ConsumerCount[] {
    return this.#opened.map(({ key, received }) => ({ key, received }))
  }

  /** Those that were let in and are not in the list. */
  get notKept(): number {
    return this.#notKept
  }
}
