import { isOwn, sizeOf } from '../metrics/interval.ts'
import type { UserKind } from '../user/user-kind.ts'
import type { Arrival, VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'
import { retire } from './retire.ts'
import type { OpenLoad } from './plan.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** The users of an open model. An arrival takes a free user or, up to the limit, creates one. Otherwise it is dropped. */
export class OpenUsers {
  readonly #execution: Execution
  readonly #load: OpenLoad
  readonly #kinds: Iterator<UserKind, never>
  readonly #free = new Map<UserKind, VirtualUser[]>()
  /** Every user, and its work. */
  readonly #users = new Map<VirtualUser, Promise<void>>()
  readonly #maxUsers: number
  #arrivals = 0

  constructor(execution: Execution, load: OpenLoad) {
    this.#execution = execution
    this.#load = load
    this.#kinds = execution.users.kinds()
    this.#maxUsers = sizeOf(execution.users.share, load.maxVUs)
  }

  /** Creates and begins the preallocated users, so that no arrival waits for that. */
  async prepare(): Promise<void> {
    const kinds = this.#execution.users.kinds()
    const turns = new TurnBudget()
    const begun: Promise<void>[] = []
    for (let count = 0; count < this.#load.preAllocatedVUs && !this.#execution.stopping.aborted; count++) {
      const user = this.#execution.users.makeInTurn(kinds.next().value)
      if (user === undefined) continue
      this.#users.set(user, Promise.resolve())
      begun.push(user.begin().then(() => this.#release(user)))
      await turns.take()
    }
    await Promise.all(begun)
  }

  /** Tells whether this worker runs the next arrival. If not, the arrival is skipped. */
  isOwnNext(): boolean {
    if (isOwn(this.#arrivals, this.#execution.users.share)) return true
    this.#kinds.next()
    this.#arrivals += 1
    return false
  }

  launch(dueAt: number): void {
    const kind = this.#kinds.next().value
    const ordinal = this.#arrivals++
    const arrival = { dueAt, ordinal, random: this.#execution.random.fork(ordinal) }
    this.#execution.tally.offer(1)
    const user = this.#free.get(kind)?.pop() ?? (this.#users.size < this.#maxUsers ? this.#make(kind) : undefined)
    if (user === undefined) this.#execution.recorder.add('dropped_iterations', kind.tags, 1, dueAt)
    else this.#users.set(user, this.#serve(user, arrival))
  }

  /** Counts the rest of the expected arrivals as dropped, divided among the kinds of user by their shares. */
  drop(expected: number): void {
    const { tally, users, recorder } = this.#execution
    const count = sizeOf(users.share, expected) - sizeOf(users.share, this.#arrivals)
    tally.offer(Math.max(0, count))
    for (const { kind, count: dropped } of users.split(count)) recorder.add('dropped_iterations', kind.tags, dropped)
  }

  /** Stops all users and waits for them. */
  async dismiss(graceMs: number): Promise<void> {
    const leaving = Array.from(this.#users, ([user, work]) => ({ user, work: work.then(() => user.end()) }))
    await retire(leaving, graceMs, this.#execution)
  }

  async #serve(user: VirtualUser, arrival: Arrival): Promise<void> {
    this.#execution.users.enter()
    await user.iterate(arrival)
    this.#execution.users.leave()
    await user.pause(arrival.dueAt)
    this.#release(user)
  }

  #make(kind: UserKind): VirtualUser {
    const user = this.#execution.users.make(kind)
    this.#users.set(user, Promise.resolve())
    return user
  }

  #release(user: VirtualUser): void {
    const free = this.#free.get(user.kind)
    if (free === undefined) this.#free.set(user.kind, [user])
    else free.push(user)
  }
}
