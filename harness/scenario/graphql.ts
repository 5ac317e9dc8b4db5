import type { Duration } from '../../core/duration.ts'
import type { FailureReason } from '../metrics/catalog.ts'
import type { HttpResponse, RequestOptions } from './http.ts'
import type { StreamOptions } from './streams.ts'

/** Sends GraphQL to the target or another server. Results with errors are failures, whatever their status is. */
export interface Graphql {
  /**
   * Executes a query or mutation. Never throws for an answer: a result with errors has `ok: false`.
   * @throws TypeError or RangeError for options that cannot be sent.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  query<Data = unknown>(document: string, options?: GraphqlOptions): Promise<GraphqlResponse<Data>>
  /**
   * Follows a subscription and yields its results. They are counted like events of a stream, with their order, gaps and latency
   * where the server tells their place. A connection that breaks is opened again, after the last event if the target is Loadcell.
   * @throws StreamError when it cannot be followed.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  subscribe<Data = unknown>(document: string, options?: GraphqlSubscriptionOptions): AsyncIterable<GraphqlResult<Data>>
}

/** Values of the variables of a document. */
export type GraphqlVariables = Record<string, unknown>

export interface GraphqlOptions
  extends Pick<RequestOptions, 'headers' | 'tags' | 'timeout' | 'retry' | 'compression' | 'bodyLimitBytes'> {
  variables?: GraphqlVariables
  /** Operation to execute, where the document has several. */
  operationName?: string
  /** Name in reports; default: the name of the operation, else the path. */
  name?: string
  /** Path or URL; default `/graphql`. */
  path?: string
  /** Whether errors in the result are expected, so that they are no failure; default false. */
  expectErrors?: boolean
}

export interface GraphqlSubscriptionOptions
  extends Pick<
    StreamOptions,
    'headers' | 'tags' | 'until' | 'events' | 'silence' | 'reconnect' | 'jitter' | 'readRate'
  > {
  variables?: GraphqlVariables
  operationName?: string
  /** Name in reports; default: the name of the operation, else the path. */
  name?: string
  /** `ws` (default): graphql-transport-ws over a WebSocket; `sse`: server-sent events. */
  over?: 'ws' | 'sse'
  /** Path or URL; default `/graphql/subscriptions` for `ws`, `/graphql/stream` for `sse`. */
  path?: string
  /** Payload of `connection_init`; default: `authorization` with the user's token. */
  connectionParams?: Record<string, unknown>
  /** Time for the answer to `connection_init`; default 60s. */
  timeout?: Duration
}

/** A result, as the specification of GraphQL defines it. */
export interface GraphqlResult<Data> {
  data?: Data | null
  errors?: GraphqlError[]
  extensions?: Record<string, unknown>
}

export interface GraphqlError {
  message: string
  path?: (string | number)[]
  locations?: { line: number; column: number }[]
  extensions?: { code?: string; [name: string]: unknown }
}

export interface GraphqlResponse<Data> extends GraphqlResult<Data> {
  /** True for a result without errors. */
  ok: boolean
  /** Status of the answer; 0 without one. */
  status: number
  /** `graphql_error` for errors in the result. */
  failure?: FailureReason
  durationMs: number
  /** The answer itself. */
  response: HttpResponse
}
