import { accountOperations } from './api/accounts.ts'
import { catalogOperations } from './api/catalog.ts'
import { eventOperations } from './api/events.ts'
import { healthOperations } from './api/health.ts'
import { oauthOperations } from './api/oauth.ts'
import { orderOperations } from './api/orders.ts'
import { reportOperations } from './api/reports.ts'
import { socketOperations } from './api/sockets.ts'
import { streamOperations } from './api/streams.ts'
import { taskOperations } from './api/tasks.ts'
import { type Operation, templatesOf } from './operation.ts'

/** Every operation the ledger keeps an account of, by name. The control plane, `/metrics` and `/docs` are not among them. */
export const operations = {
  ...oauthOperations,
  ...accountOperations,
  ...catalogOperations,
  ...orderOperations,
  ...taskOperations,
  ...reportOperations,
  ...eventOperations,
  ...streamOperations,
  ...socketOperations,
  ...healthOperations,
} as const satisfies Record<string, Operation>

export type KnownOperation = keyof typeof operations
/** `unmatched`: a path or method the target does not serve (404, 405). */
export type OperationName = KnownOperation | 'unmatched'

export const operationNames: readonly OperationName[] = [...(Object.keys(operations) as KnownOperation[]), 'unmatched']

/** The operation that a request asks for, and the template of the path it used. */
export interface Match {
  operation: KnownOperation
  template: string
}

const matchers = Object.entries(operations as Record<string, Operation>)
  .flatMap(([name, operation]) =>
    templatesOf(operation).map(template => ({
      operation: name as KnownOperation,
      method: operation.method,
      template,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]*')}$`),
    })),
  )
  // A literal path wins over a template that also matches it.
  .sort((a, b) => Number(a.template.includes('{')) - Number(b.template.includes('{')))

/** Paths that the target also serves, and that the ledger does not count. */
const UNCOUNTED = /^(\/|\/metrics|\/openapi\.json|\/docs(\/.*)?|\/_loadcell\/.*)$/

export function isCounted(pathname: string): boolean {
  return !UNCOUNTED.test(pathname)
}

/** Matches a request as the target's router does; undefined for paths that are not served. */
export function matchOf(method: string, pathname: string): Match | undefined {
  // A HEAD is served by the route of its GET.
  const routed = method === 'HEAD' ? 'GET' : method
  return matchers.find(matcher => matcher.method === routed && matcher.pattern.test(pathname))
}
