import type { IncomingMessage } from 'node:http'

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
