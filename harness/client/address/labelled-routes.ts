import type { Tags } from '../../metrics/catalog.ts'
import type { TagSets, TagValues } from '../../metrics/tag-sets.ts'
import { labelsOf } from '../../session/group-scope.ts'
import type { Session } from '../../session/session.ts'
import type { Route } from './routes.ts'

/** Adds the scenario's tags to the routes of requests: those of the request, the user, the task and the group. */
export class LabelledRoutes {
  readonly #sets: TagSets
  readonly #labelled = new WeakMap<Tags, Map<Route, Route>>()

  constructor(sets: TagSets) {
    this.#sets = sets
  }

  /**
   * Returns a route with the tags of what the user does now; the route itself without any. Equal ones share one object.
   * @param given tags of the request
   * @throws TypeError for a tag that was not declared, or an unusable value
   */
  of(route: Route, session: Session, given: TagValues | undefined): Route {
    if (given === undefined && session.labels === undefined && !session.grouped) return route
    const labels = labelsOf(session)
    return this.labelled(route, given === undefined ? labels : this.#sets.withGiven(labels, given))
  }

  /** Returns a route with these tags, whatever the user does. */
  labelled(route: Route, labels: Tags | undefined): Route {
    if (labels === undefined) return route
    let routes = this.#labelled.get(labels)
    if (routes === undefined) this.#labelled.set(labels, (routes = new Map()))
    let known = routes.get(route)
    if (known === undefined) routes.set(route, (known = { ...route, labels }))
    return known
  }
}

/** Returns the name that a request gives to itself; undefined: that of its path. */
export function nameIn({ name, tags }: { name?: string; tags?: TagValues }): string | undefined {
  return tags?.['name'] === undefined ? name : String(tags['name'])
}
