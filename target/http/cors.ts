import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Configuration } from '../../contract/configuration.ts'
import { headers } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import { isControlPath } from './receive.ts'
import { pathOf } from './request-target.ts'

/** Sets the CORS headers of an answer. */
export type Cors = (request: FastifyRequest, reply: FastifyReply) => void

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

/** Returns the function that sets the headers; undefined if no origin is allowed. */
export function corsOf(
  app: FastifyInstance,
  { origins, credentials, maxAge }: Configuration['http']['cors'],
): Cors | undefined {
  const allowed = new Set([origins].flat().map(normalized))
  if (allowed.size === 0) return undefined
  const isOpen = allowed.has('*')
  const maxAgeSeconds = String(Math.floor(parseDuration(maxAge) / 1000))
  return (request, { raw: response }) => {
    const { method, headers: sent, routeOptions, url } = request
    const path = routeOptions.url ?? pathOf(url)
    if (isControlPath(path)) return
    const { origin, 'access-control-request-method': wantedMethod } = sent
    const isPreflight = method === 'OPTIONS' && wantedMethod !== undefined
    // Set on the raw response, so that hijacked replies carry them too.
    if (!isOpen) response.setHeader('vary', isPreflight ? 'Origin, Access-Control-Request-Headers' : 'Origin')
    if (origin === undefined || !(isOpen || allowed.has(normalized(origin)))) return
    response.setHeader('access-control-allow-origin', isOpen ? '*' : origin)
    if (credentials) response.setHeader('access-control-allow-credentials', 'true')
    if (!isPreflight) return void response.setHeader('access-control-expose-headers', EXPOSED)
    const { 'access-control-request-headers': wantedHeaders } = sent
    if (wantedHeaders !== undefined && NAMES.test(wantedHeaders)) {
      response.setHeader('access-control-allow-headers', wantedHeaders)
    }
    const { allow } = app.methodsByPath.get(path) ?? {}
    if (allow !== undefined) response.setHeader('access-control-allow-methods', allow)
    response.setHeader('access-control-max-age', maxAgeSeconds)
  }
}

/** Returns an origin as browsers write it: in lower case, without the default port. */
function normalized(origin: string): string {
  const text = origin.toLowerCase()
  return /^https?:/.test(text) && URL.canParse(text) ? new URL(text).origin : text
}
