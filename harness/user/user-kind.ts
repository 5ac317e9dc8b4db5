import type { Distribution } from '../../core/distributions/distribution.ts'
import { type Random, weightedPick } from '../../core/random.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { Behaviour } from '../scenario/definition.ts'
import type { Context } from '../scenario/context.ts'

/** A kind of user from a validated scenario. */
export interface UserPlan {
  name: string
  share: number
  think?: Distribution
  pacing?: Distribution
  behaviour: Behaviour<unknown>
}

/** Work of one iteration: one of the user's tasks, or its `iterate` under the name ''. */
export interface Work {
  readonly name: string
  readonly weight: number
  readonly tags: Tags
  run(context: Context<unknown>): unknown
}

const MOST_CHECK_NAMES = 1000

/** The work of a kind of user, and its tags, which the recorder finds by identity. All users of the kind share it. */
export class UserKind {
  readonly plan: UserPlan
  readonly tags: Tags
  /** Its tasks, or its `iterate`. */
  readonly work: readonly Work[]
  readonly #checkTags = new Map<string, Tags>()

  constructor(plan: UserPlan) {
    const { behaviour } = plan
    this.plan = plan
    this.tags = { user: plan.name }
    this.work = behaviour.iterate
      ? [{ name: '', weight: 1, tags: this.tags, run: context => behaviour.iterate?.(context) }]
      : Object.entries(behaviour.tasks ?? {}).map(([name, task]) => ({
          name,
          weight: task.weight ?? 1,
          tags: { user: plan.name, task: name },
          run: context => task.run(context),
        }))
  }

  draw(random: Random): Work {
    return this.work.length === 1 ? (this.work[0] as Work) : weightedPick(random, this.work)
  }

  checkTags(check: string): Tags {
    const known = this.#checkTags.get(check)
    if (known !== undefined) return known
    const tags = { check, user: this.plan.name }
    // Generated names must not fill the memory. The recorder has its own limit.
    if (this.#checkTags.size < MOST_CHECK_NAMES) this.#checkTags.set(check, tags)
    return tags
  }
}
