import type { HttpDefaults } from '../../scenario/http.ts'
import type { Deadlines } from '../timing/deadlines.ts'
import type { Routes } from '../address/routes.ts'
import type { TagsCache } from '../address/tags.ts'
import type { ExchangeWatch } from '../message/exchange-watch.ts'
import type { Tracer } from '../message/tracer.ts'
import type { BodyMemory } from '../message/received-body.ts'
import type { Target } from '../address/target.ts'
import type { Origins } from './origins.ts'

/** Everything that all clients of a run share. */
export interface ClientDependencies {
  target: Target
  routes: Routes
  tags: TagsCache
  deadlines: Deadlines
  /** Headers that every request and handshake carries. */
  identity: Record<string, string>
  /** Undefined in a run without traces. */
  tracer: Tracer | undefined
  /** Undefined in a run under load. */
  watch: ExchangeWatch | undefined
}

/** Everything that the HTTP clients of all users of a run share. */
export interface HttpDependencies extends ClientDependencies {
  /** Headers for origins other than the target's, which must not see its credentials. */
  identityElsewhere: Record<string, string>
  origins: Origins
  bodyMemory: BodyMemory
  defaults: HttpDefaults
}
