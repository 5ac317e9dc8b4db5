import type { UserKind } from '../user/user-kind.ts'
import type { VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'
import { retire } from './retire.ts'

interface Member {
  user: VirtualUser
  work: Promise<void>
}

/** The users of a closed model: each begins its next iteration when it is through with the last. */
export class ClosedUsers {
  readonly #execution: Execution
  readonly #kinds: Iterator<UserKind, never>
  /** By place: whoever takes a place is of its kind, so that the mix is right at every size. */
  readonly #places: UserKind[] = []
  /** Youngest last. */
  readonly #members: Member[] = []
  readonly #retiring = new Set<Promise<void>>()

  constructor(execution: Execution) {
    this.#execution = execution
    this.#kinds = execution.users.kinds()
  }

  /** `more` says before each iteration whether the user may begin it. */
  grow(count: number, more: () => boolean): void {
    for (let place = this.#members.length; place < count; place++) {
      this.#places[place] ??= this.#kinds.next().value
      const user = this.#execution.users.make(this.#places[place] as UserKind)
      this.#execution.users.enter()
      this.#members.push({ user, work: user.work(more) })
    }
  }

  /** Stops the youngest until `count` are left; does not wait for them. */
  shrink(count: number, graceMs: number): void {
    while (this.#members.length > count) {
      const { user, work } = this.#members.pop() as Member
      const retirement = retire(user, work, graceMs, this.#execution).finally(() => {
        this.#execution.users.leave()
        this.#retiring.delete(retirement)
      })
      this.#retiring.add(retirement)
    }
  }

  /** Resolves when all have run out of iterations. */
  async finished(): Promise<void> {
    await Promise.all(this.#members.map(({ work }) => work))
  }

  /** Stops everybody and waits until the last has left. */
  async dismiss(graceMs: number): Promise<void> {
    this.shrink(0, graceMs)
    await Promise.all(this.#retiring)
  }
}
