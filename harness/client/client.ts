import { type Share, wholeRun } from '../metrics/interval.ts'
import type { Observations } from '../metrics/observations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Auth, Http, HttpDefaults, HttpResponse, Jobs, RequestOptions, Sse } from '../context.ts'
import type { Ws } from '../sockets.ts'
import { FanOut } from '../delivery/fan-out.ts'
import { LagObserver } from './lag-observer.ts'
import { Concurrency } from '../metrics/concurrency.ts'
import type { Session } from '../user/session.ts'
import { Authorization } from './authorization.ts'
import { Breaks } from './live/breaks.ts'
import { Consumers } from './live/consumers.ts'
import { Deadlines } from './deadlines.ts'
import { connectorOf } from './dial.ts'
import { HttpClient } from './http.ts'
import { identityHeaders } from './identity.ts'
import { withoutInterim } from './interim.ts'
import { JobFollower } from './job-follower.ts'
import { Origins } from './origins.ts'
import type { ClientParts, HttpParts, SseParts, WsParts } from './parts.ts'
import { PooledConnection, type PooledConnectionOptions } from './pooled-connection.ts'
import { BodyMemory } from './received-body.ts'
import { LARGEST_HEAD_BYTES } from './response.ts'
import { Routes } from './routes.ts'
import { SilenceWatch } from './live/silence.ts'
import { SseClient } from './live/sse/sse.ts'
import { TagsCache } from './tags.ts'
import { parseTarget } from './target.ts'
import { Tokens } from './tokens.ts'
import { WsClient } from './live/websocket/ws.ts'

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
  /** Returns what was seen of consumers, of broken connections and of lag. */
  observations(): Omit<Observations, 'marks'>
  /** Observes the lag of the consumer groups of the run. */
  readonly groupLag: LagObserver
  /**
   * Closes the client; then everything is counted. Tokens that are being renewed get a moment to arrive, because the target
   * counts them. Requests still under way then, or when `hurry` aborts, are cut. Streams and sockets end with their users.
   */
  close(hurry?: AbortSignal): Promise<void>
}

export interface ClientOptions {
  targetUrl: string
  runId: string
  /** Version of the harness, for `User-Agent`. */
  version?: string
  clock: Clock
  /** Most connections for requests; default: as many as are needed at once. Streams have their own. */
  connections?: number
  /** Appended to the names of consumer groups. */
  groupSuffix?: string
  /** Defaults of requests and streams. */
  http?: HttpDefaults
  /** The worker's part of the run; all of it by default. */
  share?: Share
  /** When the run began, in the clock's monotonic ms; now by default. */
  startedAt?: number
}

/** Longer than servers keep idle connections by default, so that it is their `Keep-Alive` that counts. */
const KEEP_ALIVE_MS = 60_000

/** The same as undici's own limit. */
const CONNECT_WITHIN_MS = 10_000

/** Time that background requests get to complete at the end of a run. */
const LAST_ANSWERS_MS = 5000
/** To end each of more connections than this takes longer than a run has that is stopped at once: they end with the process. */
const MOST_ENDED_IN_A_HURRY = 1000

/** @throws TypeError for an invalid target URL. */
export function createClient(options: ClientOptions): HarnessClient {
  const { targetUrl, runId, version, clock, connections, groupSuffix, http: httpDefaults = {} } = options
  const { index, of } = options.share ?? wholeRun
  const { startedAt = clock.now() } = options
  const target = parseTarget(targetUrl, groupSuffix)
  const consumers = new Consumers()
  const tokens = new Tokens(clock)
  const connector = withoutInterim(connectorOf(clock, CONNECT_WITHIN_MS))
  const origins = new Origins(target.origin, {
    connect: connector,
    factory: (origin, options) => new PooledConnection(origin, options as PooledConnectionOptions),
    connections: connections ?? null,
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: LARGEST_HEAD_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Deadlines keep the time: these would be timers of each connection.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const shared: ClientParts = {
    clock,
    target,
    routes: new Routes(target),
    tags: new TagsCache(),
    deadlines: new Deadlines(clock),
    silence: new SilenceWatch(clock),
    breaks: new Breaks(index, startedAt),
    fanOut: new FanOut(clock, of > 1),
    identity: identityHeaders(runId, version, target),
  }
  const groupLag = new LagObserver(runId, target)
  const http: HttpParts = {
    ...shared,
    identityElsewhere: identityHeaders(runId, version, { authorization: undefined }),
    origins,
    bodyMemory: new BodyMemory(httpDefaults.bodyMemoryBytes),
    defaults: httpDefaults,
  }
  const sse: SseParts = {
    ...shared,
    connector,
    consumers,
    groupLag,
    http: httpDefaults,
    open: new Concurrency(),
  }
  const ws: WsParts = { ...shared, open: new Concurrency() }
  return {
    contextFor(session) {
      const client = new HttpClient(http, session)
      return {
        http: client,
        sse: new SseClient(sse, session),
        ws: new WsClient(ws, session),
        auth: new Authorization(session, tokens, client),
        jobs: new JobFollower(shared, session, client),
      }
    },
    headOf: (session, path, options) => new HttpClient(http, session).headOf(path, options),
    streams: sse.open,
    sockets: ws.open,
    observations: () => ({
      consumers: consumers.list(),
      consumersNotKept: consumers.notKept,
      breaks: shared.breaks.all,
      lag: groupLag.series,
      lagUnavailable: groupLag.unavailable,
      receipts: shared.fanOut.receipts(),
    }),
    groupLag,
    async close(hurry) {
      shared.fanOut.end()
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
