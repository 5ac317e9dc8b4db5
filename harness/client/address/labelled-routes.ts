import type { Tags } from '../../metrics/catalog.ts'
import type { TagSets, TagValues } from '../../metrics/tag-sets.ts'
import { labelsOf } from '../../session/group-scope.ts'
import type { Session } from '../../session/session.ts'
import type { Route, Routes } from './routes.ts'

/** Name and tags that a request or stream gives to itself. */
export interface Labelling {
  name?: string | undefined
  tags?: TagValues
}

/** Finds routes with the scenario's tags: those of the request, the user, the task and the group. */
export class LabelledRoutes {
  readonly #routes: Routes
  readonly #sets: TagSets
  readonly #labelled = new WeakMap<Tags, Map<Route, Route>>()

  constructor(routes: Routes, sets: TagSets) {
    this.#routes = routes
    this.#sets = sets
  }

  /**
   * Returns the route of a request; equal ones share one object.
   * @param place path, or a URL from a response of the target
   * @throws TypeError for a tag that was not declared
   */
  of(session: Session, method: string, place: string | URL, given: Labelling): Route {
    const name = nameIn(given)
    const route =
      typeof place === 'string' ? this.#routes.of(method, place, name) : this.#routes.at(method, place, name)
    return this.#with(route, session, given.tags)
  }

  /** Returns a route with these tags, whatever is being run. */
  labelled(route: Route, labels: Tags | undefined): Route {
    if (labels === undefined) return route
    let routes = this.#labelled.get(labels)
    if (routes === undefined) this.#labelled.set(labels, (routes = new Map()))
    let known = routes.get(route)
    if (known === undefined) routes.set(route, (known = { ...route, labels }))
    return known
  }

  #with(route: Route, session: Session, given: TagValues | undefined): Route {
    if (given === undefined && session.labels === undefined && !session.grouped) return route
    const labels = labelsOf(session)
    return this.labelled(route, given === undefined ? labels : this.#sets.withGiven(labels, given))
  }
}

function nameIn({ name, tags }: Labelling): string | undefined {
  return tags?.['name'] === undefined ? name : String(tags['name'])
}
