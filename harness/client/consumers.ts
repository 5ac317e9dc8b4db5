import type { ConsumerCount } from '../../contract/run-result.ts'
import type { Session } from '../user/session.ts'

/** As many as the target's ledger keeps by default. */
const MOST_CONSUMERS = 20_000

/** What a user's name may not hold where it becomes part of a key, and how much of it is kept. */
const UNPRINTABLE = /[^A-Za-z0-9._~-]/g
const LONGEST_NAME = 40

/** One stream's consumer, over all its connections. */
export interface ConsumerAccount extends ConsumerCount {
  /** Whether the target has ever let it in. */
  opened: boolean
}

/** What each consumer of the run has received, by the key under which the target accounts for it too. Bounded. */
export class Consumers {
  readonly #runId: string
  readonly #accounts: ConsumerAccount[] = []

  constructor(runId: string) {
    this.#runId = runId
  }

  /** @param ordinal of this stream among all that its user opens. */
  of(session: Session, ordinal: number): ConsumerAccount {
    const account = { key: exchangeKey(this.#runId, session, String(ordinal)), received: 0, opened: false }
    if (this.#accounts.length < MOST_CONSUMERS) this.#accounts.push(account)
    return account
  }

  /** Those that were let in. */
  list(): ConsumerCount[] {
    return this.#accounts.filter(({ opened }) => opened).map(({ key, received }) => ({ key, received }))
  }
}

/** What a stream or a socket of a user is known by at the target, over all its connections. */
export function exchangeKey(runId: string, { user, ordinal }: Session, name: string): string {
  return `${runId}/${user.replaceAll(UNPRINTABLE, '-').slice(0, LONGEST_NAME)}-${ordinal}/${name}`
}
