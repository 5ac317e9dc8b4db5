import { AsyncLocalStorage } from 'node:async_hooks'
import type { Tags } from '../metrics/catalog.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import type { Session } from './session.ts'

/** A group that is being run, and the tags of everything within it. */
export interface GroupScope {
  /** The keys of its user, which no other user has. */
  owner: ExchangeKeys
  path: string
  labels: Tags
}

/** Carries the group along awaits, timers and callbacks, so that groups of one user that run at the same time stay apart. */
const scopes = new AsyncLocalStorage<GroupScope>()

/** Runs work within a group. Whatever it starts belongs to the group, also after it has returned or thrown. */
export function runInScope<T>(scope: GroupScope, work: () => T): T {
  return scopes.run(scope, work)
}

/** Returns the innermost group of the caller; undefined outside of the groups of this user. */
export function scopeOf(session: Session): GroupScope | undefined {
  if (!session.grouped) return undefined
  const scope = scopes.getStore()
  return scope?.owner === session.exchanges ? scope : undefined
}

/** Returns the tags that the scenario gives to everything the caller does now; undefined without any. */
export function labelsOf(session: Session): Tags | undefined {
  return session.grouped ? (scopeOf(session)?.labels ?? session.labels) : session.labels
}
