import { explanationOf } from '../claims/schema-claim.ts'
import type { TagSets } from '../metrics/tag-sets.ts'
import { labelsOf } from '../session/group-scope.ts'
import type { Session } from '../session/session.ts'
import type { UserKind } from './user-kind.ts'

export interface CheckDependencies {
  session: Session
  kind: UserKind
  tagSets: TagSets
  /** Called with what a claim threw, and the name of its check. */
  onThrown: (thrown: unknown, name: string) => void
  /** Called with the reason why a check failed, as far as the claim tells it. */
  onExplained: (example: string, name: string) => void
}

/** Runs the checks of one user, and counts which of them held. */
export class Checks {
  readonly #dependencies: CheckDependencies

  constructor(dependencies: CheckDependencies) {
    this.#dependencies = dependencies
  }

  /** Returns whether all claims hold. */
  run<T>(value: T, claims: Record<string, (value: T) => boolean>): boolean {
    const { session, kind, tagSets, onThrown, onExplained } = this.#dependencies
    let allHeld = true
    for (const name of Object.keys(claims)) {
      const claim = claims[name]!
      let held = false
      try {
        held = asBoolean(claim(value))
        const example = held ? undefined : explanationOf(claim, value)
        if (example !== undefined) onExplained(example, `check: ${name}`)
      } catch (thrown) {
        // A claim about a broken response often throws. That is a failed check, not the end of the iteration.
        onThrown(thrown, `check: ${name}`)
      }
      session.recorder.hit('checks', kind.checkTags(name, labelsOf(session), tagSets), held)
      if (!held) allHeld = false
    }
    return allHeld
  }
}

/** Returns the result of a claim as a boolean. @throws TypeError for a promise, which would always be true */
function asBoolean(held: unknown): boolean {
  if (held instanceof Promise) {
    held.catch(() => {})
    throw new TypeError('expected a claim to return a boolean, got a promise; await it before the check')
  }
  return Boolean(held)
}
