import type { Clock } from '../../core/clock.ts'
import type { HttpDefaults } from '../scenario/http.ts'
import type { Deadlines } from './timing/deadlines.ts'
import type { Origins } from './http/origins.ts'
import type { BodyMemory } from './message/received-body.ts'
import type { Routes } from './address/routes.ts'
import type { TagsCache } from './address/tags.ts'
import type { Target } from './address/target.ts'

/** Parts that all clients of a run share, for every protocol. */
export interface ClientParts {
  clock: Clock
  target: Target
  routes: Routes
  tags: TagsCache
  deadlines: Deadlines
  /** Headers that every request carries. */
  identity: Record<string, string>
}

/** Parts that the HTTP clients of all users share. */
export interface HttpParts extends ClientParts {
  /** Headers for origins other than the target's, which must not see its credentials. */
  identityElsewhere: Record<string, string>
  origins: Origins
  bodyMemory: BodyMemory
  defaults: HttpDefaults
}
