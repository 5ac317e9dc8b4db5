import { accountOperations } from './accounts.ts'
import { catalogOperations } from './catalog.ts'
import { eventOperations } from './events.ts'
import { graphqlOperations } from './graphql.ts'
import { grpcOperations } from './grpc.ts'
import { healthOperations } from './health.ts'
import { llmOperations } from './llm.ts'
import { oauthOperations } from './oauth.ts'
import { orderOperations } from './orders.ts'
import { reportOperations } from './reports.ts'
import { socketioOperations } from './socketio.ts'
import { socketOperations } from './sockets.ts'
import { stompOperations } from './stomp.ts'
import { streamOperations } from './streams.ts'
import { taskOperations } from './tasks.ts'
import { type Operation, templatesOf } from './operation.ts'
import { globTest } from '../../core/glob.ts'
import { didYouMean } from '../../core/nearest.ts'

/** Every operation that the ledger accounts for, by name. The control plane, `/metrics` and `/docs` are not among them. */
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
  ...llmOperations,
  ...graphqlOperations,
  ...stompOperations,
  ...grpcOperations,
  ...socketioOperations,
  ...healthOperations,
} as const satisfies Record<string, Operation>

export type KnownOperation = keyof typeof operations
/** `unmatched`: a path or method the target does not serve (404, 405). */
export type OperationName = KnownOperation | 'unmatched'

export const operationNames: readonly OperationName[] = [...(Object.keys(operations) as KnownOperation[]), 'unmatched']

/** Operations whose answer is a stream of events. */
export const streamingOperations: readonly OperationName[] = [
  'streams.read',
  'streams.notifications',
  'graphql.stream',
  'graphql.stream_get',
  'grpc.subscribe',
  'grpc.chat',
  'grpc.quotes',
  'grpc.health_watch',
  'grpc.reflect',
  'grpc.reflect_alpha',
]

/** Whether the operation opens a WebSocket. */
export function isSocketOperation(operation: OperationName): boolean {
  return operation !== 'unmatched' && 101 in operations[operation].answers
}

/** The operation that a request asks for, and the template of the path it used. */
export interface OperationMatch {
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

/** Paths that the target serves but the ledger does not count. */
const UNCOUNTED = /^(\/|\/metrics|\/openapi\.json|\/docs(\/.*)?|\/_loadcell\/.*)$/

export function isCounted(pathname: string): boolean {
  return !UNCOUNTED.test(pathname)
}

/** Matches a request as the target's router does; undefined for paths that are not served. */
export function matchOf(method: string, pathname: string): OperationMatch | undefined {
  // A HEAD is served by the route of its GET.
  const routed = method === 'HEAD' ? 'GET' : method
  return matchers.find(matcher => matcher.method === routed && matcher.pattern.test(pathname))
}

const groups = new Set(Object.keys(operations).map(name => `${name.slice(0, name.indexOf('.'))}.*`))
const known = [...Object.keys(operations), ...groups]

/** `orders.create` is one operation, `orders.*` all of its group. */
export function matchesOperation(pattern: string, operation: KnownOperation): boolean {
  return pattern === operation || (pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1)))
}

/** Returns the error in a pattern that is neither an operation nor a group; undefined for a good pattern. */
export function patternError(pattern: string): string | undefined {
  return known.includes(pattern) ? undefined : unknownOperation(pattern)
}

/** Returns the error in a pattern that fits no operation, where `*` stands for any text; undefined if it fits some. */
export function looserPatternError(pattern: string): string | undefined {
  const fits = globTest(pattern)
  return operationNames.some(fits) ? undefined : unknownOperation(pattern)
}

function unknownOperation(pattern: string): string {
  const got = `${JSON.stringify(pattern)}${didYouMean(pattern, known)}`
  return `expected an operation such as orders.create or orders.*, got ${got}`
}
