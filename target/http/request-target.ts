import type { IncomingMessage } from 'node:http'

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
