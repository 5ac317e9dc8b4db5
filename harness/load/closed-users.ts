import type { UserKind } from '../user/user-kind.ts'
import type { VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'
import { Gate } from './gate.ts'
import { type Leaving, retire } from './retire.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** Maximum number of users that start within one turn of the event loop, so that signals and responses are handled in between. */
const MOST_BEGUN_A_TURN = 256

/** Iterations that users may still begin. */
export interface Allowance {
  readonly left: number
  /** Takes one. @returns false if there was none */
  take(): boolean
}

export const unlimited: Allowance = { left: Number.POSITIVE_INFINITY, take: () => true }

/** The users of a closed model, in which each user begins its next iteration when the last one has ended. */
export class ClosedUsers {
  readonly gate: Gate
  readonly #execution: Execution
  readonly #kinds: Iterator<UserKind, never>
  readonly #turns = new TurnBudget(MOST_BEGUN_A_TURN)
  /** Kind of the user at each index, so that the mix of kinds is right for every number of users. */
  readonly #places: UserKind[] = []
  /** Youngest last; undefined if another worker runs the user. */
  readonly #members: (Leaving | undefined)[] = []
  readonly #retiring = new Set<Promise<void>>()

  constructor(execution: Execution) {
    this.#execution = execution
    this.#kinds = execution.users.kinds()
    this.gate = new Gate(execution.clock)
  }

  /** Starts users until there are `count`, or it is `until`. @param allowanceOf returns the iterations of the user at a place */
  async grow(count: number, until: number, allowanceOf: (place: number) => Allowance): Promise<void> {
    const { clock, stopping, users } = this.#execution
    for (let place = this.#members.length; place < count; place++) {
      this.#places[place] ??= this.#kinds.next().value
      const user = users.makeInTurn(this.#places[place] as UserKind)
      if (user === undefined) {
        this.#members.push(undefined)
        continue
      }
      users.enter()
      this.#members.push({ user, work: user.work(this.#more(allowanceOf(place))) })
      const turn = this.#turns.take()
      if (turn === undefined) continue
      await turn
      if (stopping.aborted || clock.now() >= until) return
    }
  }

  /** Stops the youngest users until `count` are left, without waiting for them. */
  shrink(count: number, graceMs: number): void {
    if (this.#members.length <= count) return
    const leaving = this.#members
      .splice(count)
      .filter(member => member !== undefined)
      .reverse()
    const retirement = retire(leaving, graceMs, this.#execution, () => this.#execution.users.leave()).finally(() =>
      this.#retiring.delete(retirement),
    )
    this.#retiring.add(retirement)
  }

  /** Resolves when all users that there are now have run out of iterations. */
  async finished(): Promise<void> {
    await Promise.all(this.#members.flatMap(member => member?.work ?? []))
  }

  /** Stops all users, and waits for them. */
  async dismiss(graceMs: number): Promise<void> {
    this.shrink(0, graceMs)
    await Promise.all(this.#retiring)
  }

  /** Returns what tells a user before each iteration whether it may begin. */
  #more(allowance: Allowance): (user: VirtualUser) => boolean | Promise<boolean> {
    const { gate } = this
    return user =>
      gate.isOpen || allowance.left <= 0
        ? allowance.take()
        : gate.pass(user).then(() => !user.stopping.aborted && allowance.take())
  }
}
