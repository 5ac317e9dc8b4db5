import type { IncomingMessage } from 'node:http'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Configuration } from '../configuration/configuration.ts'
import { defaultRun, headers } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { Row } from '../ledger/row.ts'
import { nameIn } from '../exchange/key.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { Clock } from '../../core/clock.ts'
import { readBodies } from './body.ts'
import { isCounted, isSocketOperation, matchOf } from '../../contract/api/operations.ts'
import { answerBrokenRequests, refuseTunnels } from './broken-request.ts'
import { countConnections, linger } from './connections.ts'
import { corsOf } from './cors.ts'
import { departures } from './departures.ts'
import { headRefusal, originForm, pathOf, queryRefusal } from './request-target.ts'
import { collectMethods, refuseUnknownPaths, unknownMethod } from './unmatched.ts'
import { LeanResponse } from './lean-response.ts'
import { prepareAnswers } from './answer.ts'
import { receive, type ReceiveDependencies } from './receive.ts'
import { answerRefusals, problemOf, sendProblem } from './refusal.ts'
import { exchangeOpener } from './exchange-opener.ts'
import { unmatched } from './request-exchange.ts'
import { continueWhenWanted, sendBehindBody, type UnreadBodyOptions } from './unread-body.ts'
import { validateBySchema } from './validation.ts'

/**
 * Bytes that a socket buffers for a client that does not read. It is low because no slow-consumer policy can take back what a
 * socket has buffered.
 */
export const SOCKET_BYTES = 16_384

export interface ServerDependencies extends Omit<ReceiveDependencies, 'openExchange' | 'limits' | 'hasOwnControlPort'> {
  ledger: Ledger
  lifecycle: Lifecycle
  log: Logger
}

/** Creates the HTTP server of everything that clients use, with all behaviour common to its routes. */
export function createServer({ http, control }: Configuration, dependencies: ServerDependencies): FastifyInstance {
  const { ledger, lifecycle, log, memory } = dependencies
  const openExchange = exchangeOpener(ledger, memory)
  const unreadBodies = unreadBodyOptions(http, ledger.clock)
  const app = createShell(http, {
    idPrefix: ledger.boot.slice(0, 8),
    log,
    unreadBodies,
    // On other paths a request to upgrade is ignored, as RFC 9110 §7.8 allows.
    upgrades: ({ method, url = '', httpVersionMinor }) => method === 'GET' && httpVersionMinor > 0 && isSocketPath(url),
    // No hook has run: the path could not be decoded, or the router does not know the method.
    onBadPath: (request, reply) => {
      openExchange(request, reply, unmatched)
      cors?.set(request, reply)
    },
    corsLines: request => cors?.linesFor(request) ?? {},
    // Without a complete head neither the operation nor the run is known.
    brokenRow: run => new Row(ledger, ledger.of(nameIn(run) ?? defaultRun), unmatched),
  })
  countConnections(app.server, memory)
  app.server.on('connection', socket => ledger.stallWatch.accepted(socket))
  const cors = corsOf(app, http.cors)
  // Without CORS, requests must not pay for a hook.
  if (cors !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      cors.set(request, reply)
      done()
    })
  }
  const hasOwnControlPort = control.port > 0
  receive(app, { ...dependencies, openExchange, limits: http, hasOwnControlPort })
  prepareAnswers(app, lifecycle, unreadBodies, http.serverTiming)
  return app
}

/**
 * Creates the HTTP server of a control plane with its own port. Its requests are not counted, limited or subject to
 * faults.
 */
export function createControlServer(
  { http }: Configuration,
  { ledger, lifecycle, log }: Pick<ServerDependencies, 'ledger' | 'lifecycle' | 'log'>,
): FastifyInstance {
  const unreadBodies = unreadBodyOptions(http, ledger.clock)
  const app = createShell(http, { idPrefix: ledger.boot.slice(0, 8), log, unreadBodies, upgrades: () => false })
  app.decorateRequest('exchange', undefined)
  prepareAnswers(app, lifecycle, unreadBodies, false)
  refuseUnknownPaths(app, { limits: http, meet: (_request, _reply, refusal, refuse) => refuse(refusal) })
  return app
}

interface ShellOptions {
  idPrefix: string
  log: Logger
  unreadBodies: UnreadBodyOptions
  upgrades: (request: IncomingMessage) => boolean
  onBadPath?: (request: FastifyRequest, reply: FastifyReply) => void
  corsLines?: FastifyInstance['corsLines']
  /** Opens a row for a request that cannot be served. `run` is the value of its header, if it was read. */
  brokenRow?: (run?: string | string[]) => Row
}

/** Creates a server with the HTTP behaviour common to all listeners of the target. */
function createShell(
  http: Configuration['http'],
  { idPrefix, log, unreadBodies, upgrades, onBadPath, corsLines = () => ({}), brokenRow }: ShellOptions,
): FastifyInstance {
  const requestTimeoutMs = parseDuration(http.requestTimeout)
  let ordinal = 0
  const app = fastify({
    // Fastify's own logger would create a child for each request.
    logger: false,
    bodyLimit: http.bodyBytes,
    genReqId: ({ headers: sent }) => {
      const id = sent[headers.requestId]
      return typeof id === 'string' && id !== '' ? id : `${idPrefix}-${++ordinal}`
    },
    return503OnClosing: false,
    rewriteUrl: originForm,
    routerOptions: { maxParamLength: http.urlBytes },
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    http: {
      maxHeaderSize: http.headerBytes,
      // A request without a body costs no stream: nothing is read from it, and it has no events.
      optimizeEmptyRequests: true,
      ServerResponse: LeanResponse,
      highWaterMark: SOCKET_BYTES,
      shouldUpgradeCallback: request => {
        request.url = originForm(request)
        if (!upgrades(request)) return false
        // Node hands the socket over, and earlier answers on it must not come later.
        departures.leave()
        return true
      },
      // `headRefusal` checks it, so that the request is counted and gets a problem document.
      requireHostHeader: false,
      connectionsCheckingInterval: checkingIntervalMs(requestTimeoutMs),
    },
    frameworkErrors(error, request, reply) {
      onBadPath?.(request, reply)
      void reply.header(headers.requestId, request.id)
      sendBehindBody(request, reply, unreadBodies, () => sendProblem(reply, problemOf(error, http)))
    },
  })
  const { server } = app
  server.keepAliveTimeout = parseDuration(http.keepAliveTimeout)
  server.requestTimeout = requestTimeoutMs
  server.headersTimeout = requestTimeoutMs
  // Headers are limited by their bytes. With a limit on their number, Node would drop the others silently.
  server.maxHeadersCount = 0
  // An expectation other than 100-continue is ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))

  continueWhenWanted(server)
  // Routes with an operation check it themselves, after their request is counted and before faults apply.
  app.addHook('onRoute', route => {
    if (route.config?.operation !== undefined) return
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat()
    route.onRequest = [(request, _reply, done) => done(headRefusal(request.raw) ?? queryRefusal(request.url)), ...own]
  })
  collectMethods(app)
  app.decorate('lingerOn', socket => linger(socket, unreadBodies.limits, unreadBodies.clock))
  app.decorate('corsLines', corsLines)
  answerBrokenRequests(app, http.headerBytes, brokenRow)
  refuseTunnels(app, brokenRow)
  answerRefusals(app, {
    limits: http,
    log,
    unrouted(request, reply) {
      if (isCounted(pathOf(request.url))) onBadPath?.(request, reply)
      return unknownMethod(request.method)
    },
  })
  validateBySchema(app)
  readBodies(app, http)
  return app
}

/**
 * Stands in for Fastify's own compilers, which would be loaded at every start. `validateBySchema` sets the one for requests, and no
 * route has a schema for its responses.
 */
function noCompiler(): never {
  throw new Error('expected a compiler for this schema')
}

function unreadBodyOptions(http: Configuration['http'], clock: Clock): UnreadBodyOptions {
  return { limits: { bytes: http.refusedBodyBytes, ms: parseDuration(http.refusedBodyTimeout) }, clock }
}

function isSocketPath(url: string): boolean {
  const match = matchOf('GET', pathOf(url))
  return match !== undefined && isSocketOperation(match.operation)
}

/**
 * Returns the interval of Node's checks for timeouts, which is short relative to the timeout. Without a timeout it hardly
 * matters.
 */
function checkingIntervalMs(requestTimeoutMs: number): number {
  return requestTimeoutMs === 0 ? 30_000 : Math.max(20, Math.min(1000, requestTimeoutMs / 4))
}
