import { headers as headerNames } from '../../../contract/headers.ts'
import type { Session } from '../../session/session.ts'
import { addCookies } from '../cookies/cookie-exchange.ts'
import type { EngineRequest } from '../engine/engine.ts'
import { checkLength } from '../message/request-head.ts'
import type { EncodedBody } from '../message/request-body.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { PendingRequest } from './pending-request.ts'

/** Fields of all requests to a host, by its identity: one object each, which engines write once. */
const sharedHeaders = new WeakMap<object, Record<string, string>>()

/**
 * Returns the headers of a request as they are sent. Those of the scenario replace those of the client.
 * @param session the user whose cookies it carries; undefined for a request on behalf of several users.
 */
export function sentHeaders(
  { host, key, headers: given, authorization, origin, path }: PendingRequest,
  encoded: EncodedBody | undefined,
  { identityElsewhere, acceptEncoding, tracer, identifiesAll }: HttpDependencies,
  session: Session | undefined,
): Pick<EngineRequest, 'shared' | 'headers'> {
  const identity = host === undefined ? identityElsewhere : host.identity
  let shared = sharedHeaders.get(identity)
  if (shared?.['accept-encoding'] !== acceptEncoding)
    sharedHeaders.set(identity, (shared = { ...identity, 'accept-encoding': acceptEncoding }))
  const headers: Record<string, string> =
    tracer === undefined && encoded === undefined && given === undefined
      ? {}
      : { ...tracer?.headers(key), ...encoded?.headers, ...given }
  if (host?.identified ?? identifiesAll) headers[headerNames.exchange] ??= key
  if (authorization !== undefined) headers['authorization'] = authorization
  const cookies = session?.cookies
  if (cookies !== undefined) addCookies(headers, cookies, { origin, path }, session!.clock.wallTime())
  checkLength(headers, encoded?.byteLength ?? 0)
  for (const name in headers) if (shared[name] !== undefined) return { headers: { ...shared, ...headers } }
  return { shared, headers }
}
