import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../problem.ts'

/**
 * The target of a request in origin-form. One in absolute-form (RFC 9112 §3.2.2), as clients of a proxy send, names the host
 * itself, and the `Host` header no longer counts.
 */
export function originForm(request: IncomingMessage): string {
  const { url = '/' } = request
  if (url.startsWith('/')) return url
  // The router would take it for the root.
  if (url === '*') return '/*'
  const [, authority, rest = ''] = /^(?:https?|wss?):\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  if (authority === undefined) return url
  request.headers.host = authority
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Whether what is percent-encoded in a text is UTF-8. A percent sign by itself stands for itself. */
export function isEncodedUtf8(text: string): boolean {
  if (!text.includes('%')) return true
  for (const [encoded] of text.matchAll(/(?:%[0-9a-fA-F]{2})+/g)) {
    if (!isUtf8(Buffer.from(encoded.replaceAll('%', ''), 'hex'))) return false
  }
  return true
}

/** What is wrong with the query of a target. Its path is decoded by the router. */
export function queryRefusal(target: string): ProblemError | undefined {
  if (isEncodedUtf8(target)) return undefined
  return new ProblemError('invalid_request', 'the query is percent-encoded, but not as UTF-8')
}

/** The path of a target as the router compares it with its routes: without the query, and decoded but for what would divide it. */
export function pathOf(target: string): string {
  const path = target.split(/[?#]/, 1)[0]!
  if (!path.includes('%')) return path
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
