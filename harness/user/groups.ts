import type { Tags } from '../metrics/catalog.ts'
import type { TagSets } from '../metrics/tag-sets.ts'
import { type GroupScope, labelsOf, runInScope, scopeOf } from '../session/group-scope.ts'
import type { Session } from '../session/session.ts'

/** Joins the names of groups within groups, as k6 does. */
const SEPARATOR = '::'
const MOST_NESTED = 10
const LONGEST_NAME = 100
/** Maximum number of names that are kept; a scenario may make them up. */
const MOST_KEPT = 200

/** Runs and measures the groups of one user. */
export class Groups {
  readonly #session: Session
  readonly #sets: TagSets
  readonly #counts: () => boolean
  /** By the tags outside of the group, then by its name. */
  #scopes = new Map<Tags | undefined, Map<string, GroupScope>>()
  #kept = 0

  /** @param counts tells whether what the user does is still counted. */
  constructor(session: Session, sets: TagSets, counts: () => boolean) {
    this.#session = session
    this.#sets = sets
    this.#counts = counts
  }

  /** @throws TypeError or RangeError for an unusable name, and whatever `work` throws. */
  async run<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const session = this.#session
    session.grouped = true
    const labels = labelsOf(session)
    const scope = this.#scopes.get(labels)?.get(name) ?? this.#create(labels, name)
    if (typeof work !== 'function')
      throw new TypeError(`group: expected a function after the name ${shown(name)}, got ${shown(work)}`)
    const tags = this.#sets.joined(session.workTags, scope.labels)
    const startedAt = session.clock.now()
    try {
      const result = await runInScope(scope, work)
      if (this.#counts()) session.recorder.time('group_duration', tags, session.clock.now() - startedAt, startedAt)
      return result
    } catch (thrown) {
      if (this.#counts()) session.recorder.add('groups_failed', tags, 1, startedAt)
      throw thrown
    }
  }

  #create(outside: Tags | undefined, name: string): GroupScope {
    check(name)
    const outer = scopeOf(this.#session)?.path
    const path = outer === undefined ? name : outer + SEPARATOR + name
    if (path.split(SEPARATOR).length > MOST_NESTED)
      throw new RangeError(`groups may be nested ${MOST_NESTED} deep: ${path} is deeper`)
    const labels = this.#sets.withGroup(outside, path)
    const scope = { owner: this.#session.exchanges, path, labels }
    if (this.#kept++ >= MOST_KEPT) {
      this.#scopes = new Map()
      this.#kept = 0
    }
    let scopes = this.#scopes.get(outside)
    if (scopes === undefined) this.#scopes.set(outside, (scopes = new Map()))
    scopes.set(name, scope)
    return scope
  }
}

function check(name: unknown): void {
  if (typeof name !== 'string' || name.trim() === '' || name.length > LONGEST_NAME)
    throw new TypeError(`group: expected a name of 1 to ${LONGEST_NAME} characters, got ${shown(name)}`)
  if (name.includes(SEPARATOR))
    throw new TypeError(`group: ${SEPARATOR} joins the names of nested groups, so ${shown(name)} cannot contain it`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 2 * LONGEST_NAME)) : typeof value
}
