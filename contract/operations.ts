/** Something a client can ask of the target. `path` is a route template; `scope` what its bearer token must hold. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  scope?: string
}

/** Every operation the ledger keeps an account of, by name. The control plane and `/metrics` are not among them. */
export const operations = {
  'oauth.token': { method: 'POST', path: '/oauth/token' },
  'oauth.metadata': { method: 'GET', path: '/.well-known/oauth-authorization-server' },
  'oauth.jwks': { method: 'GET', path: '/.well-known/jwks.json' },
  'events.publish': { method: 'POST', path: '/v1/events/publish', scope: 'events.write' },
  'events.batch': { method: 'POST', path: '/v1/events/batch', scope: 'events.write' },
  'streams.notifications': { method: 'GET', path: '/v1/streams/notifications', scope: 'streams.read' },
  'streams.read': { method: 'GET', path: '/v1/streams/{stream}', scope: 'streams.read' },
  'health.live': { method: 'GET', path: '/healthz' },
  'health.ready': { method: 'GET', path: '/readyz' },
  'health.api': { method: 'GET', path: '/api/v1/health' },
} as const satisfies Record<string, Operation>

export type KnownOperation = keyof typeof operations
/** `unmatched`: a path or method the target does not serve (404, 405). */
export type OperationName = KnownOperation | 'unmatched'

export const operationNames: readonly OperationName[] = [...(Object.keys(operations) as KnownOperation[]), 'unmatched']

const matchers = Object.entries(operations as Record<string, Operation>)
  .map(([name, { method, path }]) => ({
    name: name as KnownOperation,
    method,
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))
  // A literal path wins over a template that also matches it.
  .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))

/** The operation a client's request asks for; what the target's router decides, seen from outside. */
export function operationOf(method: string, pathname: string): OperationName {
  // A HEAD is served by the route of its GET.
  const routed = method === 'HEAD' ? 'GET' : method
  return matchers.find(matcher => matcher.method === routed && matcher.pattern.test(pathname))?.name ?? 'unmatched'
}
