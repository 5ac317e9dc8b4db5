import type { HttpDefaults } from '../../scenario/http.ts'
import type { Deadlines } from '../timing/deadlines.ts'
import type { Hosts } from '../address/hosts.ts'
import type { LabelledRoutes } from '../address/labelled-routes.ts'
import type { TagsCache } from '../address/tags.ts'
import type { ExchangeWatch } from '../message/exchange-watch.ts'
import type { Tracer } from '../message/tracer.ts'
import type { BodyMemory } from '../message/received-body.ts'
import type { ResolvedPaths } from '../address/resolved-paths.ts'
import type { Target } from '../address/target.ts'
import type { Origins } from './origins.ts'

/** Everything that all clients of a run share. */
export interface ClientDependencies {
  target: Target
  /** The target and the other servers of the scenario. */
  hosts: Hosts
  /** Routes with the scenario's tags. */
  labelled: LabelledRoutes
  tags: TagsCache
  deadlines: Deadlines
  /** Whether requests tell every server their run and key, because the scenario asks for it. */
  identifiesAll: boolean
  /** Value of `Accept-Encoding`. */
  acceptEncoding: string
  /** Whether users keep the cookies that they receive. */
  keepsCookies: boolean
  /** Undefined in a run without traces. */
  tracer: Tracer | undefined
  /** Undefined in a run under load. */
  watch: ExchangeWatch | undefined
}

/** Everything that the HTTP clients of all users of a run share. */
export interface HttpDependencies extends ClientDependencies {
  /** Headers of every request to origins that the scenario does not declare, which must not see credentials. */
  sharedElsewhere: Record<string, string>
  origins: Origins
  paths: ResolvedPaths
  bodyMemory: BodyMemory
  defaults: HttpDefaults
}
