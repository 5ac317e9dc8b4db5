import { headers as headerNames } from '../../../contract/headers.ts'
import type { Session } from '../../session/session.ts'
import type { Host } from '../address/hosts.ts'
import { addCookies } from '../cookies/cookie-exchange.ts'

interface OpeningAttempt {
  session: Session
  host: Host
  /** With its query. */
  path: string
  /** Key by which the server knows the stream or socket, and the ordinal of this attempt to open it. */
  key: string
  attempt: number
}

/** Returns the headers of a request for a stream, or of a handshake. Later parts replace earlier ones. */
export function openingHeaders(
  { session, host, path, key, attempt }: OpeningAttempt,
  parts: readonly (Record<string, string> | undefined)[],
): Record<string, string> {
  const headers: Record<string, string> = Object.assign({}, host.identity, ...parts)
  if (host.identified) {
    headers[headerNames.exchange] = key
    // So that the target decides on faults for each attempt.
    if (attempt > 0) headers[headerNames.attempt] = String(attempt)
  }
  if (session.cookies !== undefined) {
    addCookies(headers, session.cookies, { origin: host.address.origin, path }, session.clock.wallTime())
  }
  return headers
}
