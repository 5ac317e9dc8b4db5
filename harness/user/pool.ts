import type { Recorder } from '../metrics/recorder.ts'
import type { Concurrency } from '../metrics/concurrency.ts'
import { kindSequence } from './kind-sequence.ts'
import { UserKind, type UserPlan } from './user-kind.ts'
import { type UserDependencies, VirtualUser } from './virtual-user.ts'

const NO_TAGS = {}

/** Counts of the run's users, kept current by the pool. */
export interface UserTally {
  readonly users: Concurrency
  /** Users that completed their `begin`. */
  begunUsers: number
}

/** Creates the run's virtual users and counts those at work. */
export class UserPool {
  readonly #kinds: readonly UserKind[]
  readonly #dependencies: UserDependencies
  readonly #recorder: Recorder
  readonly #tally: UserTally
  #nextOrdinal = 0

  constructor(plans: readonly UserPlan[], dependencies: Omit<UserDependencies, 'onBegun'>, tally: UserTally) {
    this.#kinds = plans.map(plan => new UserKind(plan))
    this.#recorder = dependencies.recorder
    this.#tally = tally
    this.#dependencies = { ...dependencies, onBegun: () => (tally.begunUsers += 1) }
  }

  /** Yields the kind of each user, by shares. */
  *kinds(): Generator<UserKind, never> {
    for (const kind of kindSequence(this.#kinds.map(({ plan }) => plan.share))) yield this.#kinds[kind] as UserKind
    throw new Error('a kindSequence never ends')
  }

  /** Splits a count by the shares of the kinds; a negative one counts as 0. */
  split(count: number): { kind: UserKind; count: number }[] {
    let left = Math.max(0, count)
    let shareLeft = this.#kinds.reduce((sum, { plan }) => sum + plan.share, 0)
    return this.#kinds.map(kind => {
      const own = Math.round((left * kind.plan.share) / shareLeft)
      left -= own
      shareLeft -= kind.plan.share
      return { kind, count: own }
    })
  }

  make(kind: UserKind): VirtualUser {
    return new VirtualUser(kind, this.#nextOrdinal++, this.#dependencies)
  }

  enter(): void {
    this.#tally.users.enter()
    this.#recorder.set('vus', NO_TAGS, this.#tally.users.now)
  }

  leave(): void {
    this.#tally.users.leave()
    this.#recorder.set('vus', NO_TAGS, this.#tally.users.now)
  }
}
