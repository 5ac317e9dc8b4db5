import { headers as headerNames } from '../../../contract/headers.ts'
import type { Session } from '../../session/session.ts'
import { addCookies } from '../cookies/cookie-exchange.ts'
import type { EngineRequest } from '../engine/engine.ts'
import { checkLength } from '../message/request-head.ts'
import type { EncodedBody } from '../message/request-body.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { PendingRequest } from './pending-request.ts'

/**
 * Returns the headers of a request as they are sent. Those of the scenario replace those of the client.
 * @param session the user whose cookies it carries; undefined for a request on behalf of several users.
 */
export function sentHeaders(
  { host, key, headers: given, authorization, origin, path }: PendingRequest,
  encoded: EncodedBody | undefined,
  { sharedElsewhere, tracer, identifiesAll }: HttpDependencies,
  session: Session | undefined,
): Pick<EngineRequest, 'shared' | 'headers'> {
  const shared = host === undefined ? sharedElsewhere : host.shared
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
