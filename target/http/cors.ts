import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Configuration } from '../configuration/configuration.ts'
import { headers } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import { isControlPath, pathOf } from './request-target.ts'

/** Headers that a page may read besides those that any page may. */
const EXPOSED = [
  headers.requestId,
  headers.idempotentReplayed,
  headers.cursor,
  'accept-ranges',
  'allow',
  'content-disposition',
  'content-length',
  'content-range',
  'etag',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'server-timing',
  'www-authenticate',
].join(', ')

/** Value of `Access-Control-Request-Headers`: a list of header names. */
const NAMES = /^[\w!#$%&'*+.^`|~-]+(\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/

/** Returns functions that add CORS headers to answers; undefined if no origin is allowed. */
export function corsOf(app: FastifyInstance, { origins, credentials, maxAge }: Configuration['http']['cors']) {
  const allowed = new Set([origins].flat().map(normalized))
  if (allowed.size === 0) return undefined
  const isOpen = allowed.has('*')
  const maxAgeSeconds = String(Math.floor(parseDuration(maxAge) / 1000))
  const isAllowed = (origin: string | undefined): origin is string =>
    origin !== undefined && (isOpen || allowed.has(normalized(origin)))
  const readable = (origin: string): Record<string, string> => ({
    'access-control-allow-origin': isOpen ? '*' : origin,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
  })
  /** Sets the headers of an answer. */
  function set(request: FastifyRequest, { raw: response }: FastifyReply): void {
    const { method, headers: sent, routeOptions, url } = request
    const path = routeOptions.url ?? pathOf(url)
    if (isControlPath(path)) return
    const { origin, 'access-control-request-method': wantedMethod } = sent
    const isPreflight = method === 'OPTIONS' && wantedMethod !== undefined
    // Set on the raw response, so that hijacked replies carry them too.
    if (!isOpen) response.setHeader('vary', isPreflight ? 'Origin, Access-Control-Request-Headers' : 'Origin')
    if (!isAllowed(origin)) return
    for (const [name, value] of Object.entries(readable(origin))) response.setHeader(name, value)
    if (!isPreflight) return void response.setHeader('access-control-expose-headers', EXPOSED)
    const { 'access-control-request-headers': wantedHeaders } = sent
    if (wantedHeaders !== undefined && NAMES.test(wantedHeaders)) {
      response.setHeader('access-control-allow-headers', wantedHeaders)
    }
    const { allow } = app.methodsByPath.get(path) ?? {}
    if (allow !== undefined) response.setHeader('access-control-allow-methods', allow)
    response.setHeader('access-control-max-age', maxAgeSeconds)
  }
  const [only] = allowed.size === 1 ? allowed : []
  /**
   * Returns the headers of an answer that is written directly to the socket. If the request could not be read (`undefined`),
   * the answer is for the one configured origin; with several origins no page may read it.
   */
  function linesFor(request: IncomingMessage | undefined): Record<string, string> {
    if (request !== undefined && isControlPath(pathOf(request.url ?? ''))) return {}
    const origin = request === undefined ? only : request.headers.origin
    return {
      ...(!isOpen && { vary: 'Origin' }),
      ...(isAllowed(origin) && { ...readable(origin), 'access-control-expose-headers': EXPOSED }),
    }
  }
  return { set, linesFor }
}

/** Returns an origin as browsers write it: in lower case, without the default port. */
function normalized(origin: string): string {
  const text = origin.toLowerCase()
  return /^https?:/.test(text) && URL.canParse(text) ? new URL(text).origin : text
}
