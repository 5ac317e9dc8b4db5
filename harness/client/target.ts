import { unescape } from 'node:querystring'
import type { Query } from '../context.ts'
import { encodePath, encodeQuery, shown } from './request-head.ts'

/** Where requests go: the target's origin, and what each request to it carries. */
export interface Target {
  readonly origin: string
  /** A name, or an address; one of IPv6 in brackets. */
  readonly hostname: string
  /** Put before every path, without a slash at its end; '' for most. */
  readonly basePath: string
  /** Put behind every query, encoded; '' for most. */
  readonly query: string
  /** Value of `Authorization`, from the user name and password of the URL. */
  readonly authorization: string | undefined
  /**
   * Put behind the names of consumer groups. A group keeps its place when its members leave: what a warm-up left unread would
   * be delivered to the run.
   */
  readonly groupSuffix: string
}

const GROUP = /([?&]consumer_group=[^&#]+)/

/** @throws TypeError when the URL is none, or not HTTP. The message holds no credentials. */
export function parseTarget(targetUrl: string, groupSuffix = ''): Target {
  const url = URL.parse(targetUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `expected the URL of a target such as http://127.0.0.1:8080, got ${JSON.stringify(concealUrl(targetUrl))}`,
    )
  }
  if (holdsStrayAt(url)) {
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

/** Its password may hold an @ and a slash, so that what stands for its host is part of the password. */
function holdsStrayAt({ username, password, pathname, search, hash }: URL): boolean {
  return (username !== '' || password !== '') && `${pathname}${search}${hash}`.includes('@')
}

/** Basic (RFC 7617), in UTF-8; a `%` that encodes nothing stands for itself. */
function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${unescape(username)}:${unescape(password)}`).toString('base64')}`
}

/**
 * Returns the path to ask the target for, as it goes over the wire: behind the target's own, unless it is there already, as
 * in what a target says that knows where it lies, and with the target's query. A whole URL is taken as it is when it is
 * the target's own.
 * @throws TypeError for what is no path, and for a URL of somebody else: load goes to the target only.
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
    // One with other credentials than the target's would be sent as somebody else.
    if (url !== null && url.origin.replace(/^ws/, 'http') === origin) {
      const own = authorizationOf(url)
      if (own === undefined || own === authorization) return url.pathname + url.search
      throw new TypeError(
        `expected a path or URL without credentials, got ${JSON.stringify(concealUrl(path))}; set the header authorization`,
      )
    }
  }
  const got = typeof path === 'string' && path.includes('//') ? concealUrl(path) : path
  throw new TypeError(`expected a path such as /v1/orders, or a URL of ${origin}, got ${shown(got)}`)
}

function withQuery(path: string, query: string): string {
  if (query === '') return path
  const mark = path.includes('?') ? (/[?&]$/.test(path) ? '' : '&') : '?'
  return path + mark + query
}

/** The parameters that the path does not name itself: a scenario's value replaces the target's. */
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

/** The path as the target itself knows it, where what stands before it takes its own path away. */
export function pathWithin({ basePath }: Target, wholePath: string): string {
  return isBehind(basePath, wholePath) ? wholePath.slice(basePath.length) || '/' : wholePath
}

function isBehind(basePath: string, path: string): boolean {
  if (basePath === '' || !path.startsWith(basePath)) return false
  const next = path[basePath.length]
  return next === undefined || next === '/' || next === '?'
}

const CONCEALED = '***'

/** Returns the URL for people to read, with user name and password concealed; any text will do. */
export function concealUrl(text: string): string {
  const url = URL.parse(text)
  // In what is no URL, anything before the last @ may be a password.
  if (url === null || url.host === '' || holdsStrayAt(url))
    return text.replace(/^([^/@]*\/\/)?[\s\S]*@/, `$1${CONCEALED}@`)
  if (url.username === '' && url.password === '') return text
  url.username = CONCEALED
  url.password = ''
  return url.href
}

/** A shorter password is concealed only where it stands beside its user name: it may be part of any word. */
const SHORTEST_SECRET = 4

/** Returns what conceals the credentials of these URLs in any text, such as an answer that repeats them. */
export function concealerOf(urls: readonly (string | undefined)[]): (text: string) => string {
  const secrets = urls.flatMap(text => secretsOf(URL.parse(text ?? '')))
  if (secrets.length === 0) return text => text
  secrets.sort((a, b) => b.length - a.length)
  return text => secrets.reduce(withoutSecret, text)
}

function withoutSecret(text: string, secret: string): string {
  const rest = text.replaceAll(secret, CONCEALED)
  // The text may be an excerpt that ends in the midst of one.
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--) {
    if (rest.endsWith(secret.slice(0, length))) return rest.slice(0, -length) + CONCEALED
  }
  return rest
}

/** As they are typed, as they are meant, and as they are sent. */
function secretsOf(url: URL | null): string[] {
  if (url === null || authorizationOf(url) === undefined) return []
  const { username, password } = url
  const [user, pass] = [unescape(username), unescape(password)]
  const base64 = Buffer.from(`${user}:${pass}`).toString('base64')
  // Some services take a key as the user name.
  const alone =
    password === '' ? [username, user] : [password, pass, encodeURIComponent(pass), JSON.stringify(pass).slice(1, -1)]
  return [
    base64,
    base64.replaceAll('=', ''),
    `${username}:${password}`,
    `${user}:${pass}`,
    ...alone.filter(secret => secret.length >= SHORTEST_SECRET),
  ]
}
