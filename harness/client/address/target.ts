import type { Query } from '../../scenario/http.ts'
import { encodePath, encodeQuery, shown } from '../message/request-head.ts'
import { authorizationOf, concealUrl, hasUnencodedAt } from './url-credentials.ts'

/** Target of the requests: its origin, and the parts that every request to it carries. */
export interface Target {
  readonly origin: string
  /** A name or an address; IPv6 in brackets. */
  readonly hostname: string
  /** Prefix of every path, without a trailing slash; usually ''. */
  readonly basePath: string
  /** Appended to every query, encoded; usually ''. */
  readonly query: string
  /** Value of `Authorization`, from the user name and password of the URL. */
  readonly authorization: string | undefined
  /**
   * Appended to the names of consumer groups. A group keeps its position when its members leave, so that without a suffix the
   * run would receive events that the warm-up did not read.
   */
  readonly groupSuffix: string
}

const GROUP = /([?&]consumer_group=[^&#]+)/

/** @throws TypeError for a URL that is invalid or not HTTP. The message holds no credentials. */
export function parseTarget(targetUrl: string, groupSuffix = ''): Target {
  const url = URL.parse(targetUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `expected the URL of a target such as http://127.0.0.1:8080, got ${JSON.stringify(concealUrl(targetUrl))}`,
    )
  }
  if (hasUnencodedAt(url)) {
    throw new TypeError(
      `expected a password whose @, /, ? and # are percent-encoded, got ${JSON.stringify(concealUrl(targetUrl))}`,
    )
  }
  return {
    origin: url.origin,
    hostname: url.hostname,
    basePath: url.pathname.replace(/\/+$/, ''),
    query: url.search.slice(1),
    authorization: authorizationOf(url),
    groupSuffix,
  }
}

/**
 * Returns the path of a request as it is sent: with the target's path as its prefix, unless it already has that, and with the
 * target's query. A complete URL of the target gets no prefix.
 * @throws TypeError for anything but a path or a URL of the target, because load is sent only to the target.
 */
export function pathOn(target: Target, path: string, query?: Query): string {
  let wholePath = wholePathOn(target, path)
  if (query !== undefined) wholePath = withQuery(wholePath, encodeQuery(query))
  if (target.query !== '') wholePath = withQuery(wholePath, missingFrom(wholePath, target.query))
  return target.groupSuffix === '' ? wholePath : wholePath.replace(GROUP, `$1${target.groupSuffix}`)
}

function wholePathOn({ origin, basePath, authorization }: Target, given: string | URL): string {
  const path = given instanceof URL ? given.href : given
  if (typeof path === 'string') {
    if (path.startsWith('/')) {
      const encoded = encodePath(path)
      return isBehind(basePath, encoded) ? encoded : basePath + encoded
    }
    const url = URL.parse(path)
    // A URL with other credentials would be sent as another user.
    if (url !== null && url.origin.replace(/^ws/, 'http') === origin) {
      const own = authorizationOf(url)
      if (own === undefined || own === authorization) return url.pathname + url.search
      throw new TypeError(
        `expected a path or URL without credentials, got ${JSON.stringify(concealUrl(path))}; set the header authorization`,
      )
    }
  }
  const got = typeof path === 'string' && path.includes('//') ? concealUrl(path) : path
  throw new TypeError(
    `expected a path such as /v1/orders, or a URL of ${origin}, got ${shown(got)}; ` +
      "load is sent only to servers that the scenario declares, such as hosts: { api: 'https://api.example.test' } for 'api:/v1/orders'",
  )
}

function withQuery(path: string, query: string): string {
  if (query === '') return path
  const mark = path.includes('?') ? (/[?&]$/.test(path) ? '' : '&') : '?'
  return path + mark + query
}

/** Returns the parameters of the query that the path does not have: a scenario's value replaces the target's. */
function missingFrom(path: string, query: string): string {
  const named = new Set(parametersOf(path.slice(path.indexOf('?') + 1 || path.length)).map(nameOf))
  return parametersOf(query)
    .filter(parameter => !named.has(nameOf(parameter)))
    .join('&')
}

function parametersOf(query: string): string[] {
  return query.split('&').filter(parameter => parameter !== '')
}

function nameOf(parameter: string): string {
  return parameter.split('=', 1)[0] as string
}

/** Returns the path as the target itself sees it, without the prefix that a proxy removes. */
export function pathWithin({ basePath }: Target, wholePath: string): string {
  return isBehind(basePath, wholePath) ? wholePath.slice(basePath.length) || '/' : wholePath
}

function isBehind(basePath: string, path: string): boolean {
  if (basePath === '' || !path.startsWith(basePath)) return false
  const next = path[basePath.length]
  return next === undefined || next === '/' || next === '?'
}
