import { fastify, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Configuration } from '../../contract/configuration.ts'
import { headers } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { readBodies } from './body.ts'
import { matchOf } from '../../contract/operations.ts'
import { answerBrokenRequests } from './broken-request.ts'
import { exchangeOpener, receive, type ReceiveParts } from './receive.ts'
import { answerRefusals, problemOf, sendProblem } from './refusal.ts'
import { unmatched } from './request-exchange.ts'
import { validateBySchema } from './validation.ts'

/**
 * Bytes that a socket takes for a client that does not read. Few: what it has taken, no slow-consumer policy can take
 * back, and it spends the budget.
 */
const SOCKET_BYTES = 16_384

export interface ServerParts extends Omit<ReceiveParts, 'openExchange' | 'limits' | 'timing'> {
  ledger: Ledger
  log: Logger
}

/** The HTTP shell: everything that is the same for every route. */
export function createServer({ http }: Configuration, parts: ServerParts): FastifyInstance {
  const requestTimeoutMs = parseDuration(http.requestTimeout)
  const openExchange = exchangeOpener(parts.ledger, http)
  let ordinal = 0
  const idPrefix = parts.ledger.boot.slice(0, 8)
  const app = fastify({
    // Fastify's own would make a child logger for each request.
    logger: false,
    bodyLimit: http.bodyBytes,
    genReqId: ({ headers: sent }) => {
      const id = sent[headers.requestId]
      return typeof id === 'string' && id !== '' ? id : `${idPrefix}-${++ordinal}`
    },
    return503OnClosing: false,
    routerOptions: { maxParamLength: http.urlBytes },
    http: {
      maxHeaderSize: http.headerBytes,
      highWaterMark: SOCKET_BYTES,
      // Elsewhere the wish to upgrade is passed over, as RFC 9110 §7.8 allows.
      shouldUpgradeCallback: ({ method, url = '' }) => method === 'GET' && isSocketPath(url),
      // Refused in our words, and counted, by whoever receives the request.
      requireHostHeader: false,
      connectionsCheckingInterval: checkingIntervalMs(requestTimeoutMs),
    },
    frameworkErrors(error, request, reply) {
      // No hook has run: the path was not understood.
      openExchange(request, reply, unmatched)
      void reply.header(headers.requestId, request.id)
      sendProblem(reply, problemOf(error, http))
    },
  })
  const { server } = app
  server.keepAliveTimeout = parseDuration(http.keepAliveTimeout)
  server.requestTimeout = requestTimeoutMs
  server.headersTimeout = requestTimeoutMs
  // Headers are limited by their bytes; past a number of them Node would drop the rest without a word.
  server.maxHeadersCount = 0
  // What else a client expects than to be told to go on is nothing to refuse it for (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))

  answerBrokenRequests(app, http.headerBytes, parts.ledger)
  answerRefusals(app, http, parts.log)
  validateBySchema(app)
  readBodies(app, http.bodyBytes)
  receive(app, { ...parts, openExchange, limits: http, timing: http.serverTiming })
  return app
}

function isSocketPath(url: string): boolean {
  return matchOf('GET', url.split('?', 1)[0]!)?.operation.startsWith('sockets.') ?? false
}

/** Often enough that no request is cut much later than it should be; without a timeout there is nothing to check. */
function checkingIntervalMs(requestTimeoutMs: number): number {
  return requestTimeoutMs === 0 ? 30_000 : Math.max(20, Math.min(1000, requestTimeoutMs / 4))
}
