import { isOwn, type Share, wholeRun } from '../metrics/interval.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { Concurrency } from '../metrics/concurrency.ts'
import { kindSequence } from './kind-sequence.ts'
import { UserKind, type UserPlan } from './user-kind.ts'
import { type UserDependencies, VirtualUser } from './virtual-user.ts'

const NO_TAGS = {}

/** State of a load, kept by the pool and the executors and read once a second. */
export class LoadTally {
  /** Active users: in a closed model all that were started, in an open one those with an iteration. */
  readonly users = new Concurrency()
  readonly #whole: LoadTally | undefined
  #begunUsers = 0
  #offered = 0
  #endedAt: number | undefined

  /** @param whole tally of all loads of the run together, in which this one counts as well */
  constructor(whole?: LoadTally) {
    this.#whole = whole
  }

  /** Users that completed their `begin`. */
  get begunUsers(): number {
    return this.#begunUsers
  }

  /** Arrivals of an open model that have been due. */
  get offered(): number {
    return this.#offered
  }

  /** When the last user of the load had ended; undefined before. */
  get endedAt(): number | undefined {
    return this.#endedAt
  }

  end(at: number): void {
    this.#endedAt = at
  }

  begin(): void {
    this.#begunUsers += 1
    this.#whole?.begin()
  }

  offer(arrivals: number): void {
    this.#offered += arrivals
    this.#whole?.offer(arrivals)
  }

  enter(): void {
    this.users.enter()
    this.#whole?.enter()
  }

  leave(): void {
    this.users.leave()
    this.#whole?.leave()
  }
}

/** Creates the virtual users of a load and counts the active ones. */
export class UserPool {
  readonly #kinds: readonly UserKind[]
  readonly #dependencies: UserDependencies
  readonly #recorder: Recorder
  readonly #tally: LoadTally
  #nextOrdinal = 0
  /** The part of the users and arrivals that this process runs. */
  readonly share: Share

  constructor(
    plans: readonly UserPlan[],
    dependencies: Omit<UserDependencies, 'onBegun' | 'worker'>,
    tally: LoadTally,
    share = wholeRun,
  ) {
    this.share = share
    this.#kinds = plans.map(plan => new UserKind(plan))
    this.#recorder = dependencies.recorder
    this.#tally = tally
    this.#dependencies = { ...dependencies, worker: share.index, onBegun: () => tally.begin() }
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

  /** Creates the next user of the load; undefined where another worker creates it. */
  makeInTurn(kind: UserKind): VirtualUser | undefined {
    const ordinal = this.#nextOrdinal++
    return isOwn(ordinal, this.share) ? new VirtualUser(kind, ordinal, this.#dependencies) : undefined
  }

  /** Creates the next user of this worker. */
  make(kind: UserKind): VirtualUser {
    while (!isOwn(this.#nextOrdinal, this.share)) this.#nextOrdinal += 1
    return new VirtualUser(kind, this.#nextOrdinal++, this.#dependencies)
  }

  enter(): void {
    this.#tally.enter()
    this.#recorder.set('vus', NO_TAGS, this.#tally.users.now)
  }

  leave(): void {
    this.#tally.leave()
    this.#recorder.set('vus', NO_TAGS, this.#tally.users.now)
  }
}
