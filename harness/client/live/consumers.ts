import { type ConsumerCount, MOST_CONSUMERS } from '../../metrics/observations.ts'

/** One stream's consumer, over all its connections. */
export interface CountedConsumer extends ConsumerCount {
  /** Whether the target ever accepted it. */
  opened: boolean
}

/** Counts the events that each consumer of the run received, by the key that the target's ledger also uses. Bounded. */
export class Consumers {
  readonly #most: number
  readonly #opened: CountedConsumer[] = []
  #notKept = 0

  constructor(most = MOST_CONSUMERS) {
    this.#most = most
  }

  of(key: string): CountedConsumer {
    return { key, received: 0, opened: false }
  }

  /** Records that the target accepted the consumer, for the first time or again. */
  open(account: CountedConsumer): void {
    if (account.opened) return
    account.opened = true
    if (this.#opened.length < this.#most) this.#opened.push(account)
    else this.#notKept += 1
  }

  /** Returns the consumers that were accepted, up to the bound. */
  list(): ConsumerCount[] {
    return this.#opened.map(({ key, received }) => ({ key, received }))
  }

  /** Number of accepted consumers that the list has no room for. */
  get notKept(): number {
    return this.#notKept
  }
}
