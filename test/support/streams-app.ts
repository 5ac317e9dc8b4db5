import { expect, onTestFinished } from 'vitest'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Configuration } from '../../target/configuration/configuration.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { random } from '../../core/random.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { Lifecycle } from '../../target/lifecycle/lifecycle.ts'
import { LiveSettings } from '../../target/configuration/settings.ts'
import { DelayQueue } from '../../core/delay-queue.ts'
import type { FaultedClient } from '../../target/connections/pool.ts'
import { ConnectionFaults } from '../../target/faults/stream/connection-faults.ts'
import { Faults } from '../../target/faults/faults.ts'
import { readBodies } from '../../target/http/body.ts'
import type { Exchange } from '../../target/exchange/exchange.ts'
import { ProblemError, problemDocument, problemMediaType } from '../../target/exchange/problem.ts'
import type { RunAccount, StreamWindow } from '../../target/exchange/account.ts'
import { Once } from '../../target/idempotency/once.ts'
import { IdempotencyStore } from '../../target/idempotency/store.ts'
import { FaultsSection, StationsSection } from '../../target/ledger/faults-section.ts'
import { RunMemory } from '../../target/ledger/counts.ts'
import { RateLimitsSection, TokensSection } from '../../target/ledger/admission-section.ts'
import { GrpcSection } from '../../target/ledger/grpc-section.ts'
import { LlmSection } from '../../target/ledger/llm-section.ts'
import { ReportsSection } from '../../target/ledger/reports-section.ts'
import { SocketsSection } from '../../target/ledger/sockets-section.ts'
import { MemoryBudget } from '../../target/memory/budget.ts'
import { registerEventRoutes } from '../../target/routes/events.ts'
import { registerStreamRoutes } from '../../target/routes/streams.ts'
import { Streams } from '../../target/streams/streams.ts'
import { CountingConsumerBook } from './consumer-book.ts'
import { StreamClient, type StreamClientOptions, until } from './stream-client.ts'
import { plenty } from './memory.ts'

/** The records of all exchanges of a test. */
export interface Counted {
  events: { received: number; accepted: number; duplicate: number; rejected: number }
  consumers: (CountingConsumerBook & { resumed: boolean })[]
  polls: { events: number; window: StreamWindow; wasReset: boolean }[]
  pollsRefused: number
  streamsRefused: number
  streamsOpened: number
  streamsEnded: number
  bytesOut: number
}

export interface StreamsApp {
  app: FastifyInstance
  streams: Streams
  settings: LiveSettings
  counted: Counted
  publish(event: object, headers?: Record<string, string>): ReturnType<typeof post>
  /** Opens a stream, and waits for its response unless the client is paused. It ends when the app is closed. */
  follow(path: string, options?: StreamClientOptions): Promise<StreamClient>
  batch(body: object, headers?: Record<string, string>): ReturnType<typeof post>
  close(): Promise<void>
}

/** The event and stream routes over exchanges that only count: no auth, no ledger. The feed is off unless set. It ends with the test. */
export async function startStreamsApp(
  flags: Record<string, string> = {},
  clock: Clock = systemClock,
): Promise<StreamsApp> {
  const settings = new LiveSettings(configuration(flags))
  const seeded = random(1)
  const lifecycle = new Lifecycle()
  const faults = new Faults({ settings, clock, random: seeded, guard: { recognize: () => undefined }, lifecycle })
  const injection = { faults, clock, delays: new DelayQueue(clock), stallListener: { stalled() {} } }
  const memory = new MemoryBudget(configuration(flags).memory.budgetBytes || Number.POSITIVE_INFINITY)
  const faultsFor = (client: FaultedClient) => new ConnectionFaults(injection, client)
  const streams = new Streams({
    settings,
    clock,
    random: seeded,
    isTokenValid: () => true,
    faultsFor,
    memory,
    lifecycle,
  })
  const counted = emptyCounts()
  const app = Fastify({ forceCloseConnections: true })
  app.decorateRequest('exchange', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    request.exchange = countingExchange(counted, request)
    done()
  })
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof ProblemError)) throw error
    return reply
      .code(error.status)
      .headers(error.extra.headers ?? {})
      .type(problemMediaType)
      .send(JSON.stringify(problemDocument(error)))
  })
  readBodies(app, settings.current.http)
  const idempotency = new IdempotencyStore(memory, lifecycle)
  registerEventRoutes(app, streams, new Once(idempotency, settings))
  registerStreamRoutes(app, streams)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const clients: StreamClient[] = []
  const started: StreamsApp = {
    app,
    streams,
    settings,
    counted,
    publish: (event, headers) => post(app, '/v1/events/publish', event, headers),
    batch: (body, headers) => post(app, '/v1/events/batch', body, headers),
    async follow(path, options = {}) {
      const client = new StreamClient(port, path, options)
      clients.push(client)
      await until(() => options.paused === true || client.status !== 0)
      return client
    },
    async close() {
      for (const client of clients) client.vanish()
      streams.close('shutdown')
      await app.close()
      const unexplained = counted.consumers.flatMap(book => book.unexplained())
      expect(unexplained.filter(count => count !== 0)).toEqual([])
    },
  }
  onTestFinished(() => started.close())
  return started
}

export function configuration(flags: Record<string, string> = {}): Configuration {
  const off = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
  return loadConfiguration({ env: {}, flags: { ...off, ...flags } })
}

async function post(app: FastifyInstance, url: string, body: object, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'POST', url, payload: body, headers })
  return { status: response.statusCode, headers: response.headers, body: response.json<Record<string, unknown>>() }
}

function emptyCounts(): Counted {
  return {
    events: { received: 0, accepted: 0, duplicate: 0, rejected: 0 },
    consumers: [],
    polls: [],
    pollsRefused: 0,
    streamsRefused: 0,
    streamsOpened: 0,
    streamsEnded: 0,
    bytesOut: 0,
  }
}

function countingExchange(counted: Counted, { headers, routeOptions }: FastifyRequest): Exchange {
  const { events } = counted
  const account: RunAccount = {
    run: 'default',
    events: {
      received: count => void (events.received += count),
      accepted: () => void (events.accepted += 1),
      duplicate: () => void (events.duplicate += 1),
      rejected: count => void (events.rejected += count),
    },
    tokens: new TokensSection(),
    reports: new ReportsSection(),
    rateLimits: new RateLimitsSection(0, new RunMemory(plenty().table('ledger'))),
    faults: new FaultsSection(),
    stations: new StationsSection(),
    sockets: new SocketsSection(systemClock),
    llm: new LlmSection(new RunMemory(plenty().table('ledger'))),
    grpc: new GrpcSection(),
    polls: {
      refused: () => void (counted.pollsRefused += 1),
      answered: (events, window, wasReset) => void counted.polls.push({ events, window, wasReset }),
    },
    openConsumer(key, streams, resumed) {
      const ownKey = key ?? `connection-${counted.consumers.length + 1}`
      const book = Object.assign(new CountingConsumerBook(ownKey, streams), { resumed })
      counted.consumers.push(book)
      return book
    },
    streamRefused: () => void (counted.streamsRefused += 1),
  }
  const key = headers['x-loadcell-exchange']
  return {
    key: typeof key === 'string' ? key : undefined,
    run: 'default',
    tenant: typeof headers['x-tenant-id'] === 'string' ? headers['x-tenant-id'] : 'public',
    operation: routeOptions.config.operation ?? 'unmatched',
    bearer: undefined,
    bodyText: undefined,
    headLeft: false,
    isOpen: true,
    onGone: undefined,
    account,
    bytesIn: 0,
    bytesOut: 0,
    visited() {},
    reserve: () => true,
    memoryRefusal: bytes => new ProblemError('memory_exhausted', `no room for ${bytes} bytes`),
    streamOpened: () => void (counted.streamsOpened += 1),
    reset() {},
    streamEnded() {
      counted.streamsEnded += 1
      counted.bytesOut += this.bytesOut
    },
  }
}
