import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { operations } from '../../contract/api/operations.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { type Operation, templatesOf } from '../../contract/api/operation.ts'
import { KeptHead } from '../exchange/request-head.ts'
import { answerOnSocket } from '../http/broken-request.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { onSocket } from '../http/request-exchange.ts'
import { routeOf } from '../http/serve.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Endpoint } from '../sockets/endpoint.ts'
import { demandShortestLengths } from '../sockets/shortest-lengths.ts'
import type { Sockets } from '../sockets/sockets.ts'
import { MOST_FRAGMENTS } from '../sockets/unfinished-message.ts'
import { quotedStart } from '../../core/quoted-start.ts'

export interface SocketRouteDependencies {
  sockets: Sockets
  endpoints: readonly Endpoint[]
  limits: Pick<Configuration['sockets'], 'frameBytes' | 'compression'>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The response that would have carried a refusal of the handshake. */
    response: ServerResponse | undefined
  }
}

/** Registers the WebSockets. A handshake is handled like any request until it is accepted, so a refusal is an HTTP answer. */
export function registerSocketRoutes(
  app: FastifyInstance,
  { sockets, endpoints, limits }: SocketRouteDependencies,
): void {
  // In a separate scope, because every request of the scope pays for its hooks.
  void app.register(async scope => {
    await scope.register(websocket, {
      options: {
        maxPayload: limits.frameBytes,
        maxFragments: MOST_FRAGMENTS,
        // Each message is compressed on its own, so that one compressed frame serves all receivers.
        perMessageDeflate: limits.compression && { serverNoContextTakeover: true, clientNoContextTakeover: true },
        autoPong: false,
        clientTracking: false,
      },
      errorHandler: (_error, webSocket) => webSocket.terminate(),
      // `Sockets` closes the sockets, each with its reason.
      preClose: done => done(),
    })
    scope.decorateRequest('response', undefined)
    scope.websocketServer.on('wsClientError', (error, socket) => refuseHandshake(scope, error, socket as Socket))
    scope.websocketServer.on('headers', (lines: string[], request: IncomingMessage) => {
      lines.push(`${headers.requestId}: ${String(request.headers[headers.requestId])}`)
    })
    // The client asked for another protocol, so nothing more is read from the connection after a refusal.
    scope.addHook('onSend', (request, reply, _payload, done) => {
      if (request.ws) {
        reply.header('connection', reply.hasHeader('upgrade') ? 'upgrade, close' : 'close')
        lingerWhenDestroyed(scope, request.raw.socket)
      }
      done()
    })
    for (const endpoint of endpoints) route(scope, endpoint)
  })

  function route(scope: FastifyInstance, endpoint: Endpoint): void {
    const operation: Operation = operations[endpoint.operation]
    for (const template of templatesOf(operation)) {
      scope.route({
        method: 'GET',
        url: routeOf(template),
        exposeHeadRoute: false,
        config: { operation: endpoint.operation },
        schema: { querystring: operation.query },
        preHandler(request, reply, done) {
          if (request.ws) {
            checkVersion(request.raw)
            readUpgrade(request.raw)
            selectSubprotocol(request.raw, endpoint.subprotocols)
            if (endpoint.rejoin?.check(request) !== true) sockets.admit(request.exchange as Exchange)
            request.response = reply.raw
            request.raw.headers[headers.requestId] = request.id
          }
          done()
        },
        handler(request, reply) {
          if (endpoint.polls !== undefined) return endpoint.polls.answer(request, reply)
          throw upgradeRequired('expected a WebSocket handshake over HTTP/1.1, got a plain request')
        },
        wsHandler(webSocket, request) {
          const { exchange, query, raw, response } = request
          // The client left before the answer could be sent, so the handshake ends as an unanswered request.
          if (raw.socket.errored !== null) return webSocket.terminate()
          // Frees the request and its unused response, because a WebSocket may stay open for long.
          response?.detachSocket(raw.socket)
          webSocket.removeAllListeners('error')
          demandShortestLengths(webSocket)
          const opened = {
            endpoint,
            exchange: exchange as Exchange,
            webSocket,
            socket: raw.socket,
            query: query as Record<string, string | undefined>,
            head: new KeptHead(raw),
          }
          if (endpoint.rejoin !== undefined && Boolean(opened.query['sid'])) endpoint.rejoin.take(opened)
          else sockets.join(opened)
        },
      })
    }
  }
}

/** Refuses other protocol versions and names the supported one (RFC 6455 §4.4). The library would accept version 8 too. */
function checkVersion({ headers: sent }: IncomingMessage): void {
  const version = sent['sec-websocket-version']
  if (version === undefined || version.trim() === '13') return
  throw upgradeRequired(`expected Sec-WebSocket-Version 13, got ${quotedStart(version)}`)
}

/** Selects WebSocket if a client offers several protocols (RFC 9110 §7.8); the library accepts it only alone. */
function readUpgrade({ headers: sent }: IncomingMessage): void {
  const offered = sent.upgrade?.split(',').map(protocol => protocol.trim().toLowerCase())
  if (offered?.includes('websocket')) sent.upgrade = 'websocket'
}

/** Offers the library only one subprotocol of the endpoint, because it selects the first one. */
function selectSubprotocol({ headers: sent }: IncomingMessage, subprotocols: readonly string[] = []): void {
  const offered = sent['sec-websocket-protocol']?.split(',').map(protocol => protocol.trim())
  const selected = subprotocols.find(subprotocol => offered?.includes(subprotocol))
  if (selected !== undefined) sent['sec-websocket-protocol'] = selected
}

function upgradeRequired(detail: string): ProblemError {
  return new ProblemError('upgrade_required', detail, {
    headers: { upgrade: 'websocket', connection: 'upgrade, close', 'sec-websocket-version': '13' },
  })
}

/**
 * Lets the client read the refusal of its handshake: the library would destroy the socket together with the unread
 * answer.
 */
function lingerWhenDestroyed(app: FastifyInstance, socket: Socket): void {
  const destroy = socket.destroy.bind(socket)
  const destroyLater = (error?: Error) => {
    socket.destroy = destroy
    if (error !== undefined || socket.readableEnded) return destroy(error)
    app.lingerOn(socket)
    return socket
  }
  socket.destroy = destroyLater
}

/** Answers a handshake with a header that the library refuses. */
function refuseHandshake(app: FastifyInstance, { message }: Error, socket: Socket): void {
  const row = socket[onSocket]
  const problem = new ProblemError('invalid_header', message, { headers: { 'sec-websocket-version': '13' } })
  if (row === undefined) socket.destroy()
  else answerOnSocket(app, socket, row, problem)
}
