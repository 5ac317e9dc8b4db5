import { type Share, wholeRun } from '../metrics/interval.ts'
import type { Clock } from '../../core/clock.ts'
import { FanOut } from '../delivery/fan-out.ts'
import { Concurrency } from '../metrics/concurrency.ts'
import type { Observations } from '../metrics/observations.ts'
import type { Auth, Jobs } from '../scenario/context.ts'
import type { Http, HttpDefaults, HttpResponse, RequestOptions } from '../scenario/http.ts'
import type { Ws } from '../scenario/sockets.ts'
import type { Sse } from '../scenario/streams.ts'
import type { Session } from '../session/session.ts'
import { Routes } from './address/routes.ts'
import { TagsCache } from './address/tags.ts'
import { parseTarget } from './address/target.ts'
import { identityHeaders } from './message/request-head.ts'
import { Authorization, ClientTokens } from './auth/authorization.ts'
import { DEFAULT_ENGINE, type EngineName } from './engine/engine-names.ts'
import { createEngine } from './engine/engines.ts'
import { HttpClient } from './http/http-client.ts'
import type { HttpDependencies } from './http/dependencies.ts'
import { JobFollower } from './http/job-follower.ts'
import { LagObserver } from './http/lag-observer.ts'
import { Origins } from './http/origins.ts'
import { Breaks } from './live/breaks.ts'
import { Consumers } from './live/consumers.ts'
import type { LiveDependencies, SseDependencies } from './live/dependencies.ts'
import { SilenceWatch } from './live/silence.ts'
import { SseClient } from './live/sse/sse-client.ts'
import { WsClient } from './live/websocket/ws-client.ts'
import { BodyMemory } from './message/received-body.ts'
import { Tracer } from './message/tracer.ts'
import { Deadlines } from './timing/deadlines.ts'

/** Everything that talks to the target in one run. */
export interface HarnessClient {
  /** Creates the clients of one user. */
  contextFor(session: Session): { http: Http; sse: Sse; ws: Ws; auth: Auth; jobs: Jobs }
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
  /** The worker's part of the run; all of it by default. */
  share?: Share
  /** Share of the requests whose traces are sampled. Each request names its trace; without a share, none does. */
  trace?: number | undefined
  /** Told how long each connection for requests or a stream took to open. */
  onConnected?: (tookMs: number) => void
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
  const engine = createEngine(options.engine ?? DEFAULT_ENGINE, { clock, onConnected })
  const origins = new Origins(engine, target.origin, connections)
  const shared = {
    clock,
    target,
    routes: new Routes(target),
    tags: new TagsCache(),
    deadlines: new Deadlines(clock),
    identity: identityHeaders(runId, version, target),
    tracer: options.trace === undefined ? undefined : new Tracer(runId, options.trace),
  }
  const live = {
    ...shared,
    silence: new SilenceWatch(clock),
    breaks: new Breaks(index, startedAt),
    fanOut: new FanOut(clock, of > 1),
  }
  const groupLag = new LagObserver(runId, target)
  const http: HttpDependencies = {
    ...shared,
    identityElsewhere: identityHeaders(runId, version, { authorization: undefined }),
    origins,
    bodyMemory: new BodyMemory(httpDefaults.bodyMemoryBytes),
    defaults: httpDefaults,
  }
  const sse: SseDependencies = { ...live, engine, consumers, groupLag, http: httpDefaults, open: new Concurrency() }
  const ws: LiveDependencies = { ...live, open: new Concurrency() }
  return {
    contextFor(session) {
      const client = new HttpClient(http, session)
      return {
        http: client,
        sse: new SseClient(sse, session),
        ws: new WsClient(ws, session),
        auth: new Authorization(session, tokens, client),
        jobs: new JobFollower(http, session, client),
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
