import {
  connectPacket,
  emitPacket,
  pongPacket,
  readPacket,
  type SocketioPacket,
} from '../../../contract/socketio/packet.ts'
import { parseDuration } from '../../../core/duration.ts'
import { type DecodedConnection, type EventFrames, eventFrames } from '../../delivery/event-frames.ts'
import type { SocketioAckOptions, SocketioConnection, SocketioEvent, SocketioOptions } from '../../scenario/socketio.ts'
import type { Socket, SocketClosing, SocketOptions } from '../../scenario/sockets.ts'
import type { Session } from '../../session/session.ts'
import type { HttpClient } from '../http/http-client.ts'
import { StreamError } from '../live/reconnector.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { FollowedChannels } from './followed-channels.ts'
import { PolledRequests } from './polled-requests.ts'
import { PolledWebSocket } from './polled-web-socket.ts'
import type { PublishedPackets } from './published-packets.ts'
import { WatchedPings } from './watched-pings.ts'

export interface UserSocketioDependencies {
  ws: WsClient
  http: HttpClient
  session: Session
  namespace: string
  path: string
  name: string
  /** Whether the server is not the target. */
  isForeign: boolean
  published: PublishedPackets
  /** Returns the user's token, if the server may have it. */
  authorization: () => Promise<string | undefined>
}

type EventPacket = Extract<SocketioPacket, { type: 'event' }>

/** One `socketio.open` of a scenario, over all its connections. */
export class UserSocketio implements SocketioConnection {
  readonly namespace: string
  id = ''
  recovered = false
  socket!: Socket<SocketioPacket>
  readonly #dependencies: UserSocketioDependencies
  readonly #options: SocketioOptions
  readonly #followed = new FollowedChannels()
  #carrier!: DecodedConnection
  /** The first packet, and the answer to CONNECT, on the current connection. */
  #opened!: PromiseWithResolvers<void>
  #connected!: PromiseWithResolvers<string | undefined>
  #acks = 0
  #pings: WatchedPings | undefined
  /** Secret and last offset, by which the server recovers the state. */
  #pid: string | undefined
  #offset: string | undefined

  constructor(dependencies: UserSocketioDependencies, options: SocketioOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.namespace = dependencies.namespace
  }

  /** @throws StreamError */
  async open(): Promise<this> {
    const { ws, http, session, path, isForeign } = this.#dependencies
    const { path: _path, auth: _auth, recover: _recover, transport, reconnect = true, ...live } = this.#options
    const isPolled = transport === 'polling'
    const options: SocketOptions<SocketioPacket> = {
      ...live,
      reconnect,
      // Engine.IO has pings of its own, which are watched.
      silence: false,
      onOpen: socket => this.#connect(socket),
    }
    const frames: EventFrames = {
      ...eventFrames['socketio.connect'],
      decoder: carrier => this.#decoder(carrier, isForeign),
      ...(isPolled && {
        carrier: (url: string) => new PolledWebSocket(url, new PolledRequests({ http, session, ...live })),
      }),
    }
    this.socket = await ws.open<SocketioPacket>(path, options, frames)
    return this
  }

  get closed(): SocketClosing | undefined {
    return this.socket.closed
  }

  async emit(event: string, ...args: readonly unknown[]): Promise<boolean> {
    const sent = await this.socket.send(emitPacket(this.namespace, event, args))
    if (sent) this.#dependencies.published.emitted(this.namespace, event, undefined)
    return sent
  }

  async emitWithAck(event: string, argument?: unknown, options: SocketioAckOptions = {}): Promise<never> {
    const id = (this.#acks += 1)
    const args = argument === undefined ? [] : [argument]
    const packet = await this.socket.request(
      emitPacket(this.namespace, event, args, id),
      (frame: SocketioPacket) => frame.type === 'ack' && frame.id === id && frame.namespace === this.namespace,
      options,
    )
    const answer = packet?.type === 'ack' ? packet.args[0] : undefined
    this.#dependencies.published.emitted(this.namespace, event, answer)
    return answer as never
  }

  async follow(argument: Readonly<Record<string, unknown>>): Promise<never> {
    const answer: unknown = await this.emitWithAck('subscribe', argument)
    if (answer === undefined) throw this.#error('subscribe was not confirmed')
    if (isRefusal(answer)) {
      const { session, name } = this.#dependencies
      const example = `subscribe was refused: ${JSON.stringify(answer)}`
      session.recorder.fail({ name, reason: 'socketio_error', example })
      throw this.#error(example)
    }
    this.#followed.add(argument)
    return answer as never
  }

  async next({ event, timeout }: Parameters<SocketioConnection['next']>[0] = {}): Promise<SocketioEvent | undefined> {
    const isOurs = (frame: SocketioPacket) => frame.type === 'event' && (event === undefined || frame.event === event)
    const frame = (await this.socket.receive(isOurs, timeout === undefined ? {} : { timeout })) as
      | EventPacket
      | undefined
    return frame && { event: frame.event, args: frame.args, data: frame.args[0] }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SocketioEvent, void, undefined> {
    for (let event = await this.next(); event !== undefined; event = await this.next()) yield event
  }

  async close(): Promise<SocketClosing> {
    this.#pings?.end()
    return this.socket.close()
  }

  /** Connects to the namespace on a new connection, and follows again what the server has not recovered. @throws StreamError */
  async #connect(socket: Socket<SocketioPacket>): Promise<void> {
    const { authorization } = this.#dependencies
    const { auth: given, recover = true } = this.#options
    this.socket = socket
    const [carrier, opened, connected] = [this.#carrier, this.#opened, this.#connected]
    const token = given === undefined ? await authorization() : undefined
    const auth = given ?? (token === undefined ? {} : { token: token.replace(/^Bearer /i, '') })
    if (!(await this.#inTime(opened.promise.then(() => true)))) throw this.#unanswered('no packet opened the session')
    const state = recover && this.#pid !== undefined && this.#offset !== undefined
    carrier.send(connectPacket(this.namespace, state ? { ...auth, pid: this.#pid, offset: this.#offset } : auth))
    const failure = await this.#inTime(connected.promise.then(refusal => ({ refusal })))
    if (failure === undefined) throw this.#unanswered('CONNECT was not answered')
    if (failure.refusal !== undefined) throw this.#error(failure.refusal)
    if (this.recovered) return
    for (const argument of this.#followed.again()) {
      carrier.send(emitPacket(this.namespace, 'subscribe', [argument], (this.#acks += 1)))
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T | undefined> {
    const { session } = this.#dependencies
    const enough = new AbortController()
    const signal = AbortSignal.any([enough.signal, session.interrupted])
    const late = session.clock.sleep(parseDuration(this.#options.timeout ?? '60s'), signal).then(() => undefined)
    const first = await Promise.race([answer, late])
    enough.abort()
    return first
  }

  #decoder(carrier: DecodedConnection, isForeign: boolean): (data: Buffer) => readonly SocketioPacket[] {
    this.#carrier = carrier
    this.#opened = Promise.withResolvers()
    this.#connected = Promise.withResolvers()
    this.#pings?.end()
    return data => {
      this.#pings?.heard()
      let packet: SocketioPacket | undefined
      try {
        packet = readPacket(data.toString())
      } catch (error) {
        carrier.lose({
          reason: 'protocol',
          example: `a packet of Socket.IO was not valid: ${(error as Error).message}`,
        })
      }
      if (packet === undefined) return []
      this.#note(packet, carrier)
      return [isForeign ? { ...packet, isForeign } : packet]
    }
  }

  #note(packet: SocketioPacket, carrier: DecodedConnection): void {
    const { session, name } = this.#dependencies
    switch (packet.type) {
      case 'open':
        this.#pings = new WatchedPings(packet.pingInterval + packet.pingTimeout, carrier, session)
        return this.#opened.resolve()
      case 'ping':
        return void carrier.send(pongPacket)
      case 'connected':
        this.recovered = packet.sid === this.id && packet.pid === this.#pid
        this.id = packet.sid
        if (!this.recovered) this.#offset = undefined
        this.#pid = packet.pid
        return this.#connected.resolve(undefined)
      case 'refused':
        session.recorder.fail({ name, reason: 'socketio_error', example: packet.message })
        return this.#connected.resolve(packet.message)
      case 'disconnected':
      case 'close':
        return carrier.lose({ reason: 'closed', example: 'the server disconnected the client' })
      case 'event':
        return this.#noteEvent(packet)
      case 'ack':
        return this.#followed.answered(packet.args[0])
      case 'noop':
    }
  }

  #noteEvent({ args }: EventPacket): void {
    const offset = args.at(-1)
    if (args.length > 1 && typeof offset === 'string') this.#offset = offset
    this.#followed.received(args[0])
  }

  /** Counts an opening that got no answer; no request tells of it. */
  #unanswered(example: string): StreamError {
    const { session, name } = this.#dependencies
    if (!session.interrupted.aborted) session.recorder.fail({ name, reason: 'timeout', example })
    return this.#error(example)
  }

  #error(detail: string): StreamError {
    return new StreamError(`cannot follow ${this.namespace} of ${this.#dependencies.path}: ${detail}`)
  }
}

/** Whether the target answers that it does not serve an event. */
function isRefusal(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'type' in answer && answer.type === 'error'
}
