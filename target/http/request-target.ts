import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../exchange/problem.ts'
import { quotedStart } from '../../core/quoted-start.ts'

// Reads one export instead of all.
const { IncomingMessage: Http1Request } = process.getBuiltinModule('node:http')

/** Matches a name, an IPv4 address, or an IPv6 address in brackets, with an optional port (RFC 3986 §3.2.2). */
const HOST = /^([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._~-]+)?\])(:\d{0,5})?$/

/** Skips the pattern for the usual case: clients repeat the same value. */
let lastGoodHost: string | undefined

/** Returns the problem with the version, the transfer coding or the `Host` of a request. */
export function headRefusal(request: IncomingMessage): ProblemError | undefined {
  return versionRefusal(request) ?? codingRefusal(request) ?? hostRefusal(request)
}

/** Node's parser also takes 0.9 and 2.0 for versions of HTTP/1, and what follows would treat 2.0 as a request of HTTP/2. */
function versionRefusal(request: IncomingMessage): ProblemError | undefined {
  if (request.httpVersionMajor === 1 || !(request instanceof Http1Request)) return undefined
  const detail = `this is not HTTP/1.1: expected version 1.1 or 1.0, got ${request.httpVersion}`
  return new ProblemError('invalid_request', detail)
}

/** Node's parser skips codings before the last one (RFC 9112 §6.1), so that a packed body would be taken for its text. */
function codingRefusal({ headers }: IncomingMessage): ProblemError | undefined {
  const coding = headers['transfer-encoding']
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return undefined
  return new ProblemError('unknown_transfer_coding', `expected Transfer-Encoding: chunked, got ${quotedStart(coding)}`)
}

/** Returns the problem with the `Host` of a request: HTTP/1.1 demands exactly one that names a host (RFC 9112 §3.2). */
function hostRefusal({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): ProblemError | undefined {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  if (count > 1) return refusal(`expected one, got ${count}`)
  // The `:authority` of HTTP/2 stands in `headers` only.
  const { host } = headers
  if (count === 0 && httpVersionMinor > 0) return refusal('expected one, as HTTP/1.1 demands, got none')
  if (host === undefined) return undefined
  if (host === lastGoodHost) return undefined
  if (!HOST.test(host)) {
    return refusal(`expected the name or address of a host with an optional port, got ${quotedStart(host)}`)
  }
  lastGoodHost = host
  return undefined
}

function refusal(detail: string): ProblemError {
  return new ProblemError('invalid_header', `host: ${detail}`)
}

/**
 * Returns the target of a request in origin-form. A target in absolute-form (RFC 9112 §3.2.2), as clients of a proxy send it,
 * replaces the `Host` header.
 */
export function originForm(request: IncomingMessage): string {
  const { url = '/' } = request
  if (url.startsWith('/')) return url
  // The router would treat it as the root.
  if (url === '*') return '/*'
  const [, authority, rest = ''] = /^(?:https?|wss?):\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  if (authority === undefined) return url
  request.headers.host = authority
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Whether the percent-encoded bytes of a text are UTF-8. A lone percent sign stands for itself. */
export function isEncodedUtf8(text: string): boolean {
  if (!text.includes('%')) return true
  for (const [encoded] of text.matchAll(/(?:%[0-9a-fA-F]{2})+/g)) {
    if (!isUtf8(Buffer.from(encoded.replaceAll('%', ''), 'hex'))) return false
  }
  return true
}

/** Returns the problem of a target whose query is not encoded as UTF-8. The router decodes the path. */
export function queryRefusal(target: string): ProblemError | undefined {
  if (isEncodedUtf8(target)) return undefined
  return new ProblemError('invalid_request', 'expected a query percent-encoded as UTF-8, got bytes that are not UTF-8')
}

/** Returns the path of a target as the router matches it: without the query, decoded except for path separators. */
export function pathOf(target: string): string {
  const path = target.split(/[?#]/, 1)[0]!
  if (!path.includes('%')) return path
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** Whether the control plane serves this path, on whichever port. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/_loadcell/') || path === '/metrics'
}
