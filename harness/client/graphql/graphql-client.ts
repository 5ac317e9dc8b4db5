import { graphqlMediaTypes } from '../../../contract/graphql/protocol.ts'
import type {
  Graphql,
  GraphqlOptions,
  GraphqlResponse,
  GraphqlResult,
  GraphqlSubscriptionOptions,
} from '../../scenario/graphql.ts'
import type { HttpResponse } from '../../scenario/http.ts'
import type { RawStreamOptions } from '../../scenario/streams.ts'
import type { Session } from '../../session/session.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { JudgedOptions } from '../http/expectation.ts'
import type { SseClient } from '../live/sse/sse-client.ts'
import type { SseDependencies } from '../live/dependencies.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { shown } from '../message/request-head.ts'
import type { GraphqlDocuments } from './documents.ts'
import { GraphqlStream } from './graphql-stream.ts'
import { ResultJudge } from './result-judge.ts'
import { followSocket } from './socket-subscription.ts'

const ACCEPT = `${graphqlMediaTypes.response}, ${graphqlMediaTypes.json};q=0.9`
const NO_OPTIONS: GraphqlOptions = {}

export interface GraphqlDependencies {
  sse: SseDependencies
  documents: GraphqlDocuments
}

/** The clients of one user that GraphQL goes over. */
export interface Carriers {
  http: HttpClient
  sse: SseClient
  ws: WsClient
}

/** GraphQL client of one user: over HTTP, server-sent events and WebSockets. */
export class GraphqlClient implements Graphql {
  readonly #dependencies: GraphqlDependencies
  readonly #session: Session
  readonly #carriers: Carriers

  constructor(dependencies: GraphqlDependencies, session: Session, carriers: Carriers) {
    this.#dependencies = dependencies
    this.#session = session
    this.#carriers = carriers
  }

  async query<Data = unknown>(document: string, options: GraphqlOptions = NO_OPTIONS): Promise<GraphqlResponse<Data>> {
    checkDocument(document)
    const { variables, operationName, name, path = '/graphql', expectErrors, headers, ...others } = options
    const judge = new ResultJudge(expectErrors, options.bodyLimitBytes)
    const named = name ?? operationName ?? this.#dependencies.documents.of(document).name
    const request: JudgedOptions = {
      ...others,
      json: { query: document, variables, operationName },
      headers: acceptedWith(headers),
      ...(named !== undefined && { name: named }),
      judgeContent: (status, head, body) => judge.judge(status, head, body),
    }
    const response = await this.#carriers.http.request('POST', path, request)
    return responseOf<Data>(response, judge.result as GraphqlResult<Data>)
  }

  subscribe<Data = unknown>(
    document: string,
    options: GraphqlSubscriptionOptions = {},
  ): AsyncIterable<GraphqlResult<Data>> {
    checkDocument(document)
    const { over = 'ws', variables, operationName } = options
    if (over !== 'ws' && over !== 'sse') throw new TypeError(`expected over to be ws or sse, got ${shown(over)}`)
    const { name: ownName, hasHolesByDesign } = this.#dependencies.documents.of(document)
    const name = options.name ?? operationName ?? ownName
    const request = { query: document, variables, operationName }
    const results =
      over === 'sse'
        ? this.#followStream(request, options, { name, ordered: !hasHolesByDesign })
        : followSocket(this.#carriers.ws, this.#session, {
            path: options.path ?? '/graphql/subscriptions',
            name,
            request,
            options,
            introduction: () => this.#introduction(options),
          })
    return results as AsyncIterable<GraphqlResult<Data>>
  }

  #followStream(
    request: Record<string, unknown>,
    { headers, tags, until, events, silence, reconnect = true, jitter, readRate, path }: GraphqlSubscriptionOptions,
    { name, ordered }: { name: string | undefined; ordered: boolean },
  ): AsyncIterable<GraphqlResult<unknown>> {
    const given = { headers, tags, until, events, silence, jitter, readRate, name }
    const options: RawStreamOptions = {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      raw: true,
      method: 'POST',
      json: request,
      reconnect,
    }
    return this.#carriers.sse.follow(
      path ?? '/graphql/stream',
      options,
      (stream, ordinal) =>
        new GraphqlStream(this.#dependencies.sse, this.#session, stream, { ...options, ordered }, ordinal),
    )
  }

  /** Returns the payload of connection_init: the token of the user, if the server may have it. */
  async #introduction({ connectionParams, path = '/' }: GraphqlSubscriptionOptions): Promise<Record<string, unknown>> {
    if (connectionParams !== undefined) return connectionParams
    const { token } = this.#session
    if (token === undefined || !this.#dependencies.sse.hosts.of(path).takesToken) return {}
    return { authorization: await token.authorization() }
  }
}

function responseOf<Data>(
  response: HttpResponse,
  { data, errors, extensions }: GraphqlResult<Data>,
): GraphqlResponse<Data> {
  const { ok, status, failure, durationMs } = response
  return {
    ok,
    status,
    ...(failure !== undefined && { failure }),
    durationMs,
    response,
    ...(data !== undefined && { data }),
    ...(errors !== undefined && { errors }),
    ...(extensions !== undefined && { extensions }),
  }
}

/** Returns the headers of the author, and the media types of a result unless they name others. */
function acceptedWith(headers: GraphqlOptions['headers']): NonNullable<GraphqlOptions['headers']> {
  if (headers === undefined) return { accept: ACCEPT }
  const own: [string, string][] =
    Symbol.iterator in headers
      ? [...headers]
      : (Object.entries(headers).filter(([, value]) => value !== undefined) as [string, string][])
  return own.some(([name]) => name.toLowerCase() === 'accept') ? headers : [['accept', ACCEPT], ...own]
}

/** @throws TypeError */
function checkDocument(document: unknown): void {
  if (typeof document === 'string' && document.trim() !== '') return
  throw new TypeError(`expected a document of GraphQL, got ${shown(document)}`)
}
