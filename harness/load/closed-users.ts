import type { UserKind } from '../user/user-kind.ts'
import type { Execution } from './execution.ts'
import { type Leaving, retire } from './retire.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** Maximum number of users that start within one turn of the event loop, so that signals and responses are handled in between. */
const MOST_BEGUN_A_TURN = 256

/** The users of a closed model, in which each user begins its next iteration when the last one has ended. */
export class ClosedUsers {
  readonly #execution: Execution
  readonly #endsAt: number
  readonly #kinds: Iterator<UserKind, never>
  readonly #turns = new TurnBudget(MOST_BEGUN_A_TURN)
  /** Kind of the user at each index, so that the mix of kinds is right for every number of users. */
  readonly #places: UserKind[] = []
  /** Youngest last; undefined if another worker runs the user. */
  readonly #members: (Leaving | undefined)[] = []
  readonly #retiring = new Set<Promise<void>>()

  /** @param durationMs length of the schedule, which begins now. No user starts after it. */
  constructor(execution: Execution, durationMs: number) {
    this.#execution = execution
    this.#endsAt = execution.clock.now() + durationMs
    this.#kinds = execution.users.kinds()
  }

  /** Starts users until there are `count`, or the schedule is over. `more` tells before each iteration whether it may begin. */
  async grow(count: number, more: () => boolean): Promise<void> {
    const { clock, stopping, users } = this.#execution
    for (let place = this.#members.length; place < count; place++) {
      this.#places[place] ??= this.#kinds.next().value
      const user = users.makeInTurn(this.#places[place] as UserKind)
      if (user === undefined) {
        this.#members.push(undefined)
        continue
      }
      users.enter()
      this.#members.push({ user, work: user.work(more) })
      const turn = this.#turns.take()
      if (turn === undefined) continue
      await turn
      if (stopping.aborted || clock.now() >= this.#endsAt) return
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

  /** Resolves when all users have run out of iterations. */
  async finished(): Promise<void> {
    await Promise.all(this.#members.flatMap(member => member?.work ?? []))
  }

  /** Waits for the end of the schedule or the run, stops all users, and waits for them. */
  async dismiss(graceMs: number, ...ends: AbortSignal[]): Promise<void> {
    const { clock, stopping } = this.#execution
    await clock.sleep(this.#endsAt - clock.now(), AbortSignal.any([stopping, ...ends]))
    this.shrink(0, graceMs)
    await Promise.all(this.#retiring)
  }
}
