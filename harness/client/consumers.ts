import type { ConsumerCount } from '../../contract/run-result.ts'
import type { Session } from '../user/session.ts'

/** As many as the target's ledger keeps by default. */
const MOST_CONSUMERS = 20_000

/** What a user's name may not hold where it becomes part of a key, and how much of it is kept. */
const UNPRINTABLE = /[^A-Za-z0-9._~-]/g
const LONGEST_NAME = 40

/** What each consumer of the run has received, by the key under which the target accounts for it too. Bounded. */
export class Consumers {
  readonly #runId: string
  readonly #counts: ConsumerCount[] = []

  constructor(runId: string) {
    this.#runId = runId
  }

  /** @param ordinal of this stream among all that its user opens. */
  open(session: Session, ordinal: number): ConsumerCount {
    const user = session.user.replaceAll(UNPRINTABLE, '-').slice(0, LONGEST_NAME)
    const consumer = { key: `${this.#runId}/${user}-${session.ordinal}/${ordinal}`, received: 0 }
    if (this.#counts.length < MOST_CONSUMERS) this.#counts.push(consumer)
    return consumer
  }

  list(): ConsumerCount[] {
    return this.#counts.map(consumer => ({ ...consumer }))
  }
}
