import { isCounted, matchOf, type OperationName } from '../../../contract/api/operations.ts'
import type { Tags } from '../../metrics/catalog.ts'
import { pathWithin, type Target } from './target.ts'

/** Name of a request. Equal requests share one object, so that it can be a key. */
export interface Route {
  readonly method: string
  readonly name: string
  /** Undefined if the target's ledger does not count it. */
  readonly operation: OperationName | undefined
  /** Tags of the scenario; absent without any. */
  readonly labels?: Tags
  /** Name of another host of the scenario. */
  readonly host?: string
}

/** Maximum number of names that a scenario may give, and of paths that are cached. */
const MOST_ROUTES = 2000
const MOST_PATHS = 10_000

/** Name of all further routes. */
const OTHER_NAME = '(other)'

/** Finds the route of a request. Ids in paths do not make routes of their own, and the number of routes is bounded. */
export class Routes {
  readonly #target: Target
  /** Name of another host, in front of its names. */
  readonly #host: string | undefined
  readonly #routes = new Map<string, Route>()
  /** Cache by method and path without query, emptied when full. */
  readonly #byPath = new Map<string, Map<string, Route>>()
  #pathCount = 0

  constructor(target: Target, host?: string) {
    this.#target = target
    this.#host = host
  }

  /** Returns the route of a request. @param name given by the scenario; default: the template of its path. */
  of(method: string, path: string, name?: string): Route {
    const queryAt = path.indexOf('?')
    const pathname = pathWithin(this.#target, queryAt === -1 ? path : path.slice(0, queryAt))
    if (name !== undefined) return this.#intern(method, name, this.#operationOf(method, pathname))
    return this.#byPath.get(method)?.get(pathname) ?? this.#learn(method, pathname)
  }

  /** Returns the route of a URL at an origin that is no host of the scenario. The ledger does not count requests to it. */
  elsewhere(method: string, url: URL, name?: string): Route {
    return this.#intern(method, name ?? url.origin + templateOf(url.pathname), undefined)
  }

  #learn(method: string, pathname: string): Route {
    const host = this.#host
    const template =
      host === undefined
        ? (matchOf(method, pathname)?.template ?? templateOf(pathname))
        : `${host}:${templateOf(pathname)}`
    const route = this.#intern(method, template, this.#operationOf(method, pathname))
    if (this.#pathCount >= MOST_PATHS) {
      this.#byPath.clear()
      this.#pathCount = 0
    }
    let paths = this.#byPath.get(method)
    if (paths === undefined) this.#byPath.set(method, (paths = new Map()))
    paths.set(pathname, route)
    this.#pathCount += 1
    return route
  }

  #operationOf(method: string, pathname: string): OperationName | undefined {
    if (this.#host !== undefined) return undefined
    return matchOf(method, pathname)?.operation ?? (isCounted(pathname) ? 'unmatched' : undefined)
  }

  #intern(method: string, name: string, operation: OperationName | undefined): Route {
    const key = `${method} ${operation} ${name}`
    const known = this.#routes.get(key)
    if (known !== undefined) return known
    if (this.#routes.size >= MOST_ROUTES && name !== OTHER_NAME) return this.#intern(method, OTHER_NAME, operation)
    const host = this.#host
    const route: Route = host === undefined ? { method, name, operation } : { method, name, operation, host }
    this.#routes.set(key, route)
    return route
  }
}

/** Matches ids: digits, a word and digits, a UUID, hexadecimal digits, or a long token. Every id has a digit in it. */
const ID_PATTERN =
  /^(?=.*\d)(\d+|[a-z]+[-_]\d{3,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,}|[\w.~-]{20,})$/i

/** Returns the path with everything that looks like an id replaced by `{id}`. */
export function templateOf(pathname: string): string {
  return pathname
    .split('/')
    .map(segment => (ID_PATTERN.test(segment) ? '{id}' : segment))
    .join('/')
}
