import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../exchange/problem.ts'

/** Matches a name, an IPv4 address, or an IPv6 address in brackets, with an optional port (RFC 3986 §3.2.2). */
const HOST = /^([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._~-]+)?\])(:\d{0,5})?$/

/** Skips the pattern for the usual case: clients repeat the same value. */
let lastGoodHost: string | undefined

/** Returns the problem with the `Host` of a request: HTTP/1.1 demands exactly one that names a host (RFC 9112 §3.2). */
export function hostRefusal({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): ProblemError | undefined {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  if (count > 1) return refusal(`expected one, got ${count}`)
  if (count === 0) return httpVersionMinor === 0 ? undefined : refusal('expected one, as HTTP/1.1 demands, got none')
  const { host = '' } = headers
  if (host === lastGoodHost) return undefined
  if (!HOST.test(host)) {
    return refusal(
      `expected the name or address of a host with an optional port, got ${JSON.stringify(host.slice(0, 80))}`,
    )
  }
  lastGoodHost = host
  return undefined
}

function refusal(detail: string): ProblemError {
  return new ProblemError('invalid_header', `host: ${detail}`)
}
