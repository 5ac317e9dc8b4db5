import type { FastifyInstance } from 'fastify'
import { destination, type Logger, pino } from 'pino'
import type { Configuration } from './configuration/configuration.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { parseDuration } from '../core/duration.ts'
import { random as seededRandom } from '../core/random.ts'
import type { IsTokenValid } from './exchange/bearer.ts'
import { bearerGuard } from './auth/guard.ts'
import { createIdentity } from './auth/identity.ts'
import { CapacityStations } from './faults/request/capacity.ts'
import { LiveSettings } from './configuration/settings.ts'
import { registerControlRoutes } from './control/routes.ts'
import { Usage } from './control/usage.ts'
import { Catalog } from './domain/catalog/catalog.ts'
import { Orders } from './domain/orders/orders.ts'
import { createDatasets } from './domain/reports/datasets.ts'
import { Reports } from './domain/reports/reports.ts'
import { Tasks } from './domain/tasks/tasks.ts'
import { Users } from './domain/users.ts'
import { createVocabulary } from './domain/vocabulary.ts'
import type { FaultedClient } from './connections/pool.ts'
import { destroyUnparsed } from './connections/unparsed-sockets.ts'
import { Hall } from './domain/chat/hall.ts'
import { QuoteBoard } from './domain/quotes/board.ts'
import { DelayQueue } from '../core/delay-queue.ts'
import { Faults } from './faults/faults.ts'
import { ConnectionFaults } from './faults/stream/connection-faults.ts'
import { Hanging } from './faults/request/hang.ts'
import { PendingHandshakes } from './http/pending-handshakes.ts'
import { answerOtherMethods } from './http/unmatched.ts'
import { loadGateways, serveGateways } from './gateways/optional-gateways.ts'
import { refuseSwitchedOff } from './gateways/switched-off.ts'
import { createControlServer, createServer } from './http/server.ts'
import { Ledger } from './ledger/ledger.ts'
import { Once } from './idempotency/once.ts'
import { IdempotencyStore } from './idempotency/store.ts'
import { Lifecycle } from './lifecycle/lifecycle.ts'
import { listen, type Listening, urlOf, type TargetUrls } from './listen.ts'
import { MemoryBudget } from './memory/budget.ts'
import { budgetBytes } from './memory/limit.ts'
import { registerMetricsRoute } from './metrics/metrics.ts'
import { RateLimits } from './rate-limits/rate-limits.ts'
import { registerCatalogRoutes } from './routes/catalog.ts'
import { registerAccountRoutes } from './routes/accounts.ts'
import { registerDocumentRoutes } from './routes/documents.ts'
import { registerEventRoutes } from './routes/events.ts'
import { registerHealthRoutes } from './routes/health.ts'
import { registerOAuthRoutes } from './routes/oauth.ts'
import { registerOrderRoutes } from './routes/orders.ts'
import { registerReportRoutes } from './routes/reports.ts'
import { registerSocketRoutes } from './routes/sockets.ts'
import { registerStreamRoutes } from './routes/streams.ts'
import { registerTaskRoutes } from './routes/tasks.ts'
import type { Endpoint } from './sockets/endpoint.ts'
import { ChatEndpoint } from './sockets/endpoints/chat.ts'
import { CollaborationEndpoint } from './sockets/endpoints/collaboration.ts'
import { NotificationsEndpoint } from './sockets/endpoints/notifications.ts'
import { QuotesEndpoint } from './sockets/endpoints/quotes.ts'
import { Sockets } from './sockets/sockets.ts'
import { Streams } from './streams/streams.ts'

export interface TargetOptions {
  clock?: Clock
  /** Version reported by the health endpoints. */
  version?: string
  log?: Logger
}

/** A complete target that does not listen yet: requests can be injected into `app`. */
export interface ReferenceTarget {
  readonly app: FastifyInstance
  readonly settings: LiveSettings
  readonly ledger: Ledger
  readonly streams: Streams
  readonly sockets: Sockets
  listen(): Promise<TargetUrls>
  /** Accepts no new connections, ends the streams, and gives requests in flight `http.drainTimeout` to end. */
  close(): Promise<void>
}

export interface RunningTarget extends TargetUrls {
  close(): Promise<void>
}

/** @throws ListenError, GatewayUnavailable */
export async function startTarget(configuration: Configuration, options: TargetOptions = {}): Promise<RunningTarget> {
  const target = await buildTarget(configuration, options)
  try {
    const urls = await target.listen()
    return { ...urls, close: () => target.close() }
  } catch (error) {
    await target.close()
    throw error
  }
}

export async function buildTarget(configuration: Configuration, options: TargetOptions = {}): Promise<ReferenceTarget> {
  const gateways = await loadGateways(configuration)
  const { clock = systemClock, version = 'development' } = options
  const log = options.log ?? pino({ level: configuration.log.level }, destination(2))
  const random = seededRandom(configuration.seed)
  const lifecycle = new Lifecycle()

  const settings = new LiveSettings(configuration)
  settings.onChange(next => (log.level = next.log.level))
  const memory = new MemoryBudget(budgetBytes(configuration.memory.budgetBytes))
  settings.onChange(next => (memory.limitBytes = budgetBytes(next.memory.budgetBytes)))
  const ledger = new Ledger(configuration.ledger, { clock, memory, lifecycle })
  const { http } = configuration
  const isSecure = configuration.tls.enabled
  // Loaded only with TLS, and before there is anything to clean up.
  const certified = isSecure ? await (await import('./tls/identity.ts')).createIdentity(configuration) : undefined
  const vocabulary = createVocabulary(random.fork('vocabulary'))
  const catalog = new Catalog({
    products: configuration.catalog.products,
    random: random.fork('catalog'),
    vocabulary,
  })
  const orders = new Orders({ catalog, vocabulary, settings, clock, random, memory, lifecycle })
  const tasks = new Tasks({ vocabulary, settings, clock, random, memory, lifecycle })
  const reports = new Reports({
    settings,
    clock,
    random,
    memory,
    lifecycle,
    datasets: createDatasets({ catalog, vocabulary, random }),
  })
  const users = new Users({ settings, vocabulary, random })
  const identity = createIdentity({
    settings,
    clock,
    random,
    users,
    memory,
    lifecycle,
    issuer: urlOf(http.host, http.port, isSecure),
  })
  const { accessTokens } = identity
  const isTokenValid: IsTokenValid = bearer => accessTokens.issueOf(bearer) === undefined
  const hall = new Hall({ settings, memory, lifecycle })
  const endpointDependencies = { settings, clock, random, memory, lifecycle }
  const board = new QuoteBoard(endpointDependencies)
  const notifications = new NotificationsEndpoint(endpointDependencies)
  const chat = new ChatEndpoint(endpointDependencies, hall)
  const quotes = new QuotesEndpoint(endpointDependencies, board)
  const endpoints: Endpoint[] = [chat, notifications, quotes, new CollaborationEndpoint(endpointDependencies)]
  const guard = bearerGuard(identity.bearers, settings)
  const faults = new Faults({ settings, clock, random, guard, lifecycle })
  const delays = new DelayQueue(clock)
  const injection = { faults, clock, delays, stallListener: ledger.stallWatch }
  const faultsFor = (client: FaultedClient) => new ConnectionFaults(injection, client)
  const streams = new Streams({
    settings,
    clock,
    random,
    isTokenValid,
    faultsFor,
    memory,
    lifecycle,
    onAccepted: (tenant, event, source) => notifications.hear(tenant, event, source),
  })
  const idempotency = new IdempotencyStore(memory, lifecycle)
  const sockets = new Sockets({ settings, clock, isTokenValid, faultsFor, memory, lifecycle, log })
  const hanging = new Hanging(lifecycle)
  const handshakes = new PendingHandshakes(lifecycle)
  const stations = new CapacityStations({ faults, clock, delays, random, lifecycle })
  const rateLimits = new RateLimits({ settings, guard, clock, memory, lifecycle })

  const app = createServer(configuration, {
    ledger,
    guard,
    rateLimits,
    lifecycle,
    faults,
    memory,
    injection: { clock, delays, stations, hanging, handshakes, stallListener: ledger.stallWatch },
    log,
  })
  registerHealthRoutes(app, lifecycle, clock, version)
  registerOAuthRoutes(app, identity, http.bodyBytes)
  registerAccountRoutes(app, identity, users, orders)
  const once = new Once(idempotency, settings)
  const { bearers } = identity
  const domain = { catalog, orders, streams, hall, board, sockets, chat, quotes, notifications }
  endpoints.push(...serveGateways(app, gateways, { ...domain, settings, clock, memory, lifecycle, bearers, once, log }))
  registerEventRoutes(app, streams, once)
  registerStreamRoutes(app, streams)
  registerSocketRoutes(app, { sockets, endpoints, limits: configuration.sockets })
  registerCatalogRoutes(app, catalog, memory)
  registerOrderRoutes(app, orders, once)
  registerTaskRoutes(app, tasks, once)
  registerReportRoutes(app, reports, once)
  const llm = configuration.llm.enabled
    ? (await import('./gateways/llm/routes.ts')).registerLlmRoutes(app, {
        settings,
        clock,
        delays,
        random,
        memory,
        lifecycle,
      })
    : undefined
  refuseSwitchedOff(app, configuration)
  const hasOwnControlPort = configuration.control.port > 0
  const controlApp = hasOwnControlPort ? createControlServer(configuration, { ledger, lifecycle, log }) : app
  const apps = new Set([app, controlApp])
  const secured = certified
    ? (await import('./secure.ts')).secure({ app, controlApp, identity: certified }, configuration, {
        ledger,
        faults,
        clock,
        memory,
        lifecycle,
      })
    : undefined
  const http2 =
    secured === undefined && configuration.grpc.enabled
      ? (await import('./plain.ts')).acceptPlainHttp2(app, configuration, { ledger, clock, memory, lifecycle })
      : secured?.sessions
  const usage = new Usage({ clock, settings, memory, streams, sockets, reports, stations, llm })
  registerControlRoutes(controlApp, {
    faults,
    stations,
    settings,
    ledger,
    streams,
    sockets,
    lifecycle,
    random,
    usage,
    clock,
    version,
  })
  registerMetricsRoute(controlApp, {
    ledger,
    faults,
    stations,
    streams,
    sockets,
    reports,
    memory,
    settings,
    connections: { handshakes: secured?.front.handshakes, http2 },
  })
  registerDocumentRoutes(app, version, configuration)
  for (const each of apps) {
    each.after(() => answerOtherMethods(each))
    lifecycle.on('cut', () => {
      each.server.closeAllConnections()
      destroyUnparsed(each.server)
    })
    await each.ready()
  }
  lifecycle.run('start')

  const listening = new Map<FastifyInstance, Listening>()
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    lifecycle.run('stop')
    const cut = setTimeout(() => lifecycle.run('cut'), parseDuration(settings.current.http.drainTimeout))
    // The control plane closes last, because it reports how requests end.
    for (const each of apps) await Promise.all([each.close(), listening.get(each)?.close()])
    clearTimeout(cut)
    lifecycle.run('close')
    log.info('stopped')
  }

  return {
    app,
    settings,
    ledger,
    streams,
    sockets,
    async listen() {
      // The control plane listens first, so that a client that reaches the target can reach it too.
      if (hasOwnControlPort) {
        const asked = { host: http.host, port: configuration.control.port, isSecure }
        listening.set(controlApp, await listen(controlApp, asked, 'control.port'))
      }
      const controlUrl = listening.get(controlApp)?.url
      const served = await listen(app, { ...http, isSecure }, 'http.port')
      listening.set(app, served)
      const { url } = served
      accessTokens.issuer = url
      lifecycle.phase = 'ready'
      log.info({ url, controlUrl, memoryBudgetBytes: memory.limitBytes }, 'listening')
      return {
        url,
        controlUrl: controlUrl ?? url,
        ...(certified && { tls: { fingerprint: certified.fingerprint, trusted: certified.trusted } }),
      }
    },
    close: () => (closing ??= close()),
  }
}
