import type { Distribution } from '../../core/distributions/distribution.ts'
import { type Random, weightedPick } from '../../core/random.ts'
import type { Tags } from '../metrics/catalog.ts'
import { type TagSets, type TagValues, usable } from '../metrics/tag-sets.ts'
import type { Behaviour } from '../scenario/definition.ts'
import type { Context } from '../scenario/context.ts'

/** A kind of user from a validated scenario. */
export interface UserPlan {
  name: string
  share: number
  think?: Distribution
  pacing?: Distribution
  /** The scenario's tags. */
  tags?: TagValues | undefined
  behaviour: Behaviour<unknown>
}

/** Work of one iteration: one of the user's tasks, or its `iterate` under the name ''. */
export interface Work {
  readonly name: string
  readonly weight: number
  readonly tags: Tags
  /** Tags of the scenario for the user and the task; undefined without any. */
  readonly labels: Tags | undefined
  run(context: Context<unknown>): unknown
}

const MOST_CHECK_NAMES = 1000

/** The work of a kind of user, and its tags, which the recorder finds by identity. All users of the kind share it. */
export class UserKind {
  readonly plan: UserPlan
  readonly tags: Tags
  readonly labels: Tags | undefined
  /** Its tasks, or its `iterate`. */
  readonly work: readonly Work[]
  readonly #checkTags = new Map<string, Tags>()

  constructor(plan: UserPlan) {
    const { behaviour } = plan
    this.plan = plan
    this.labels = labelsIn(plan.tags)
    this.tags = { ...this.labels, user: plan.name }
    const { tags, labels } = this
    this.work = behaviour.iterate
      ? [{ name: '', weight: 1, tags, labels, run: context => behaviour.iterate?.(context) }]
      : Object.entries(behaviour.tasks ?? {}).map(([name, task]) => {
          const own = labelsIn({ ...plan.tags, ...task.tags })
          return {
            name,
            weight: task.weight ?? 1,
            tags: { ...own, user: plan.name, task: name },
            labels: own,
            run: context => task.run(context),
          }
        })
  }

  draw(random: Random): Work {
    return this.work.length === 1 ? (this.work[0] as Work) : weightedPick(random, this.work)
  }

  /** @param labels tags of the scenario for what the user does now. */
  checkTags(check: string, labels: Tags | undefined, sets: TagSets): Tags {
    const tags = this.#tagsOf(check)
    return labels === undefined || labels === this.labels ? tags : sets.joined(tags, labels)
  }

  #tagsOf(check: string): Tags {
    const known = this.#checkTags.get(check)
    if (known !== undefined) return known
    const tags = { ...this.labels, check, user: this.plan.name }
    // Generated names must not fill the memory. The recorder has its own limit.
    if (this.#checkTags.size < MOST_CHECK_NAMES) this.#checkTags.set(check, tags)
    return tags
  }
}

function labelsIn(tags: TagValues = {}): Tags | undefined {
  const given = Object.entries(tags).filter(([, value]) => value !== undefined)
  if (given.length === 0) return undefined
  return Object.fromEntries(given.map(([key, value]) => [key, usable(key, value)]))
}
