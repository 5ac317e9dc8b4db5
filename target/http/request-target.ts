import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../exchange/problem.ts'

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
