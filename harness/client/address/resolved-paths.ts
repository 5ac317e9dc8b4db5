import type { Query } from '../../scenario/http.ts'
import { type Host, type Hosts, pathAt } from './hosts.ts'
import type { Route } from './routes.ts'

/** Where a request goes, and its name. */
export interface ResolvedPath {
  readonly host: Host
  /** The path at the host, as it is sent. */
  readonly path: string
  readonly route: Route
}

/** Maximum number of paths that are remembered. */
const MOST_PATHS = 1000

/** Finds where the requests of a scenario go. Most of them have the path of an earlier one, which is not read again. */
export class ResolvedPaths {
  readonly #hosts: Hosts
  readonly #known = new Map<string, Map<string, ResolvedPath>>()
  #count = 0
  #lastMethod = ''
  #lastPath = ''
  #last: ResolvedPath | undefined

  constructor(hosts: Hosts) {
    this.#hosts = hosts
  }

  /**
   * @param name given by the scenario; default: the template of the path
   * @throws TypeError for a path that is not one of a server of the scenario
   */
  of(method: string, path: string, query?: Query, name?: string): ResolvedPath {
    // Scenarios without types may give a URL, which can change.
    if (query !== undefined || name !== undefined || typeof path !== 'string')
      return this.#find(method, path, query, name)
    if (path === this.#lastPath && method === this.#lastMethod && this.#last !== undefined) return this.#last
    const resolved = this.#known.get(method)?.get(path) ?? this.#learn(method, path)
    this.#lastMethod = method
    this.#lastPath = path
    this.#last = resolved
    return resolved
  }

  #learn(method: string, path: string): ResolvedPath {
    const resolved = this.#find(method, path, undefined, undefined)
    if (this.#count >= MOST_PATHS) return resolved
    let paths = this.#known.get(method)
    if (paths === undefined) this.#known.set(method, (paths = new Map()))
    paths.set(path, resolved)
    this.#count += 1
    return resolved
  }

  #find(method: string, given: string, query: Query | undefined, name: string | undefined): ResolvedPath {
    const host = this.#hosts.of(given)
    const path = pathAt(host, given, query)
    return { host, path, route: host.routes.of(method, path, name) }
  }
}
