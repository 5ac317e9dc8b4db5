import { type Share, wholeRun } from '../metrics/interval.ts'
import type { Clock } from '../../core/clock.ts'
import { FanOut } from '../delivery/fan-out.ts'
import { Concurrency } from '../metrics/concurrency.ts'
import type { Observations } from '../metrics/observations.ts'
import type { Auth, Jobs } from '../scenario/context.ts'
import type { Cookies } from '../scenario/cookies.ts'
import type { Graphql } from '../scenario/graphql.ts'
import type { Grpc } from '../scenario/grpc.ts'
import type { Http, HttpDefaults, HttpResponse, RequestOptions } from '../scenario/http.ts'
import type { Llm, LlmDefaults } from '../scenario/llm.ts'
import type { Ws } from '../scenario/sockets.ts'
import type { Socketio } from '../scenario/socketio.ts'
import type { Stomp } from '../scenario/stomp.ts'
import type { Sse } from '../scenario/streams.ts'
import type { Session } from '../session/session.ts'
import { TagSets } from '../metrics/tag-sets.ts'
import { LabelledRoutes } from './address/labelled-routes.ts'
import { type DeclaredHost, Hosts, userAgentOf } from './address/hosts.ts'
import { ResolvedPaths } from './address/resolved-paths.ts'
import { TagsCache } from './address/tags.ts'
import { parseTarget } from './address/target.ts'
import { UserCookies } from './cookies/user-cookies.ts'
import { identityHeaders } from './message/request-head.ts'
import { Authorization, ClientTokens } from './auth/authorization.ts'
import { type ConnectionTimes, Connector } from './engine/connector.ts'
import { DEFAULT_ENGINE, type EngineName } from './engine/engine-names.ts'
import { createEngine } from './engine/engines.ts'
import { throughProxies } from './engine/forwarding-engine.ts'
import type { Network } from './engine/network.ts'
import { GraphqlDocuments } from './graphql/documents.ts'
import { GraphqlClient } from './graphql/graphql-client.ts'
import { GrpcClient } from './grpc/grpc-client.ts'
import { sharedLibrary } from './grpc/shared-library.ts'
import { HttpClient } from './http/http-client.ts'
import type { HttpDependencies } from './http/dependencies.ts'
import { JobFollower } from './http/job-follower.ts'
import { LagObserver } from './http/lag-observer.ts'
import { Origins } from './http/origins.ts'
import { Breaks } from './live/breaks.ts'
import { Consumers } from './live/consumers.ts'
import type { SseDependencies, WsDependencies } from './live/dependencies.ts'
import { SilenceWatch } from './live/silence.ts'
import { SseClient } from './live/sse/sse-client.ts'
import { WsClient } from './live/websocket/ws-client.ts'
import { goodputLimits, LlmClient } from './llm/llm-client.ts'
import { BodyMemory } from './message/received-body.ts'
import type { ExchangeWatch } from './message/exchange-watch.ts'
import { Tracer } from './message/tracer.ts'
import { SocketioClient } from './socketio/socketio-client.ts'
import { StompClient } from './stomp/stomp-client.ts'
import { Deadlines } from './timing/deadlines.ts'

/** Everything that talks to the target in one run. */
export interface HarnessClient {
  /** Creates the clients of one user. */
  contextFor(session: Session): {
    http: Http
    sse: Sse
    ws: Ws
    graphql: Graphql
    stomp: Stomp
    grpc: Grpc
    socketio: Socketio
    llm: Llm
    auth: Auth
    cookies: Cookies
    jobs: Jobs
  }
  /** Sends a GET of a user, and resolves with the head of the answer. */
  headOf(session: Session, path: string, options: RequestOptions): Promise<HttpResponse>
  /** Streams that are open. */
  readonly streams: Concurrency
  /** WebSockets that are open. */
  readonly sockets: Concurrency
  /** Returns the observations of consumers, broken connections and lag. */
  observations(): Omit<Observations, 'marks' | 'slowest'>
  /** Observes the lag of the consumer groups of the run. */
  readonly groupLag: LagObserver
  /**
   * Closes the client; afterwards everything is counted. Token renewals get some time to complete, because the target counts them.
   * Requests that are still under way then, or when `hurry` aborts, are interrupted. Streams and sockets end with their users.
   */
  close(hurry?: AbortSignal): Promise<void>
}

export interface ClientOptions {
  targetUrl: string
  /** Other servers that the scenario declares. */
  hosts?: readonly DeclaredHost[] | undefined
  /** Whether requests tell the target their run and key. Default true. */
  identify?: boolean | undefined
  runId: string
  /** Version of the harness, for `User-Agent`. */
  version?: string
  clock: Clock
  engine?: EngineName
  /** Maximum number of connections for requests; default: as many as are needed at once. Streams have their own. */
  connections?: number
  /** Appended to the names of consumer groups. */
  groupSuffix?: string
  /** Defaults of requests and streams. */
  http?: HttpDefaults
  /** Defaults of requests for completions. */
  llm?: LlmDefaults
  /** The worker's part of the run; all of it by default. */
  share?: Share
  /** Share of the requests whose traces are sampled. Each request names its trace; without a share, none does. */
  trace?: number | undefined
  /** Sees all that is sent and received. */
  watch?: ExchangeWatch
  /** How connections are made; default: directly, to servers that Node trusts. */
  network?: Network | undefined
  /** Told how long each connection for requests or a stream took to open. */
  onConnected?: (times: ConnectionTimes) => void
  /** Told how long each connection for a WebSocket took to open. */
  onSocketConnected?: (times: ConnectionTimes) => void
  /** Sets of the scenario's tags, shared with the users; by default, requests have none. */
  tagSets?: TagSets
  /** When the run began, in the clock's monotonic ms; now by default. */
  startedAt?: number
}

/** Time that background requests get to complete at the end of a run. */
const LAST_ANSWERS_MS = 5000
/** Maximum number of connections that a run closes itself when it is stopped at once. The others end with the process. */
const MOST_ENDED_IN_A_HURRY = 1000

/** @throws TypeError for an invalid target URL. */
export function createClient(options: ClientOptions): HarnessClient {
  const { targetUrl, runId, version, clock, connections, groupSuffix, onConnected, http: httpDefaults = {} } = options
  const { index, of } = options.share ?? wholeRun
  const { startedAt = clock.now() } = options
  const target = parseTarget(targetUrl, groupSuffix)
  const consumers = new Consumers()
  const tokens = new ClientTokens(clock)
  const connector = new Connector({ clock, network: options.network, targetHost: target.hostname })
  const engine = throughProxies(
    createEngine(options.engine ?? DEFAULT_ENGINE, {
      clock,
      connector,
      onConnected,
      version: httpDefaults.version,
      mostStreams: httpDefaults.maxStreamsPerConnection,
    }),
    connector,
  )
  const { identify = true } = options
  const { userAgent } = httpDefaults
  const acceptEncoding = (httpDefaults.acceptEncoding ?? ['identity']).join(', ')
  const identifiesAll = httpDefaults.identify === true
  const hosts = new Hosts(target, {
    declared: options.hosts,
    runId,
    version,
    userAgent,
    acceptEncoding,
    identify,
  })
  const origins = new Origins(
    engine,
    [target, ...hosts.others.map(({ address }) => address)].map(({ origin }) => origin),
    connections,
  )
  const shared = {
    clock,
    target,
    hosts,
    identifiesAll,
    acceptEncoding,
    keepsCookies: httpDefaults.cookies ?? true,
    tags: new TagsCache(),
    labelled: new LabelledRoutes(options.tagSets ?? new TagSets()),
    deadlines: new Deadlines(clock),
    tracer: options.trace === undefined ? undefined : new Tracer(runId, options.trace),
    watch: options.watch,
  }
  const live = {
    ...shared,
    silence: new SilenceWatch(clock),
    breaks: new Breaks(index, startedAt),
    fanOut: new FanOut(clock, of > 1),
  }
  const goodput = goodputLimits(options.llm?.goodput)
  const groupLag = new LagObserver(runId, target, options.network)
  const http: HttpDependencies = {
    ...shared,
    sharedElsewhere: {
      ...identityHeaders({
        userAgent: userAgent ?? userAgentOf(version),
        runId: identifiesAll ? runId : undefined,
        authorization: undefined,
      }),
      'accept-encoding': acceptEncoding,
    },
    origins,
    paths: new ResolvedPaths(hosts),
    bodyMemory: new BodyMemory(httpDefaults.bodyMemoryBytes),
    defaults: httpDefaults,
  }
  const sse: SseDependencies = { ...live, engine, consumers, groupLag, http: httpDefaults, open: new Concurrency() }
  const ws: WsDependencies = { ...live, connector, onConnected: options.onSocketConnected, open: new Concurrency() }
  const grpc = { ...live, consumers, network: options.network, open: sse.open, library: sharedLibrary() }
  const graphql = { sse, documents: new GraphqlDocuments() }
  return {
    contextFor(session) {
      const client = new HttpClient(http, session)
      const carriers = { http: client, sse: new SseClient(sse, session), ws: new WsClient(ws, session) }
      return {
        ...carriers,
        graphql: new GraphqlClient(graphql, session, carriers),
        stomp: new StompClient(ws, session, carriers.ws),
        grpc: new GrpcClient(grpc, session),
        socketio: new SocketioClient(ws, session, carriers),
        auth: new Authorization(session, tokens, client),
        cookies: new UserCookies(session, hosts, shared.keepsCookies),
        jobs: new JobFollower(http, session, client),
        llm: new LlmClient(session, client, goodput, options.watch !== undefined),
      }
    },
    headOf: (session, path, options) => new HttpClient(http, session).headOf(path, options),
    streams: sse.open,
    sockets: ws.open,
    observations: () => ({
      consumers: consumers.list(),
      consumersNotKept: consumers.notKept,
      breaks: live.breaks.all,
      lag: groupLag.series,
      lagUnavailable: groupLag.unavailable,
      receipts: live.fanOut.receipts(),
    }),
    groupLag,
    async close(hurry) {
      live.fanOut.end()
      const enough = new AbortController()
      hurry?.addEventListener('abort', () => enough.abort())
      if (hurry?.aborted) enough.abort()
      else await Promise.race([origins.close(), clock.sleep(LAST_ANSWERS_MS, enough.signal)])
      enough.abort()
      if (hurry?.aborted && origins.connections > MOST_ENDED_IN_A_HURRY) return
      await Promise.all([origins.destroy(), groupLag.close()])
    },
  }
}
