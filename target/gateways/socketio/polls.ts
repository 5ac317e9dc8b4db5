import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { packetSeparator } from '../../../contract/socketio/packet.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { KeptHead } from '../../exchange/request-head.ts'
import { readTexts } from '../../http/body.ts'
import { serveUnchecked } from '../../http/serve.ts'
import type { Endpoint } from '../../sockets/endpoint.ts'
import type { Sockets } from '../../sockets/sockets.ts'
import type { EngineConnection, EngineServer } from './engine.ts'
import { type PolledQuery, PolledRequest, PolledResponse, sidIn } from './poll-message.ts'
import { PolledExchange } from './polled-exchange.ts'
import { PolledSocket } from './polled-socket.ts'

interface OpeningPoll {
  exchange: Exchange
  head: KeptHead
  query: PolledQuery
}

/** The HTTP requests of Engine.IO: polls, and posts of packets. Each is an exchange of its own, with its faults and limits. */
export class Polls {
  readonly #engine: EngineServer
  readonly #sockets: Sockets
  readonly #settings: Settings
  /** First requests of sessions that the library is about to open. */
  readonly #opening = new WeakMap<PolledRequest, OpeningPoll>()
  readonly #polled = new WeakMap<EngineConnection, PolledSocket>()

  constructor(engine: EngineServer, sockets: Sockets, settings: Settings) {
    this.#engine = engine
    this.#sockets = sockets
    this.#settings = settings
  }

  /** Registers the posts. Polls come to the path of the WebSocket. */
  register(app: FastifyInstance): void {
    void app.register(async scope => {
      readTexts(scope, this.#settings.current.socketio.payloadBytes)
      serveUnchecked(scope, 'socketio.send', (request, reply) => this.answer(request, reply))
    })
  }

  /** Answers a poll or a post. */
  answer(request: FastifyRequest, reply: FastifyReply): void {
    const exchange = request.exchange as Exchange
    const query = request.query as PolledQuery
    const engineRequest = new PolledRequest(request, query)
    const response = new PolledResponse(reply, () => (exchange.onGone = undefined))
    const sid = sidIn(query)
    if (sid === undefined) {
      if (request.method === 'GET') this.#sockets.admit(exchange)
      this.#opening.set(engineRequest, { exchange, query, head: new KeptHead(request.raw) })
    } else if (request.method === 'POST') this.#checkPost(this.#connectionOf(sid), request.body)
    const leave = () => void engineRequest.emit('close')
    exchange.onGone = leave
    this.#engine.handleRequest(engineRequest, response)
    if (request.method !== 'POST' || response.writableEnded) return
    engineRequest.emit('data', Buffer.from(request.body as string))
    engineRequest.emit('end')
  }

  /** Returns a session that began with polls as a WebSocket. */
  socketOf(connection: EngineConnection): PolledSocket {
    const polled = new PolledSocket(connection)
    this.#polled.set(connection, polled)
    return polled
  }

  /** Joins the other WebSockets. */
  join(endpoint: Endpoint, polled: PolledSocket): void {
    const { exchange, head, query } = this.#opening.get(polled.engine.request) as OpeningPoll
    this.#sockets.join({
      endpoint,
      exchange: new PolledExchange(exchange, () => polled.engine.close(true)),
      webSocket: polled as unknown as WebSocket,
      socket: polled.pipe as unknown as Socket,
      query,
      head,
    })
  }

  #connectionOf(sid: string): EngineConnection | undefined {
    return Object.hasOwn(this.#engine.clients, sid) ? this.#engine.clients[sid] : undefined
  }

  /** Ends a session that posts too much. @throws ProblemError */
  #checkPost(connection: EngineConnection | undefined, body: unknown): void {
    if (connection === undefined) return
    const most = this.#settings.current.socketio.payloadPackets
    const packets = packetsIn(body as string, most)
    if (packets <= most && this.#polled.get(connection)?.isPaused !== true) return
    connection.close(true)
    throw packets > most
      ? new ProblemError('body_too_large', `expected at most ${most} packets in a post (socketio.payloadPackets)`)
      : new ProblemError('body_too_large', 'expected a poll: answers wait for it, so nothing more is read')
  }
}

/** Counts the packets in a payload, at most one more than the limit. */
function packetsIn(payload: string, most: number): number {
  let packets = 1
  for (
    let at = payload.indexOf(packetSeparator);
    at !== -1 && packets <= most;
    at = payload.indexOf(packetSeparator, at + 1)
  ) {
    packets += 1
  }
  return packets
}
