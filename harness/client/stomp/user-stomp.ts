import type { StompHeaders } from '../../../contract/stomp/frame.ts'
import { FrameError, FrameReader } from '../../../contract/stomp/frame-reader.ts'
import { newestOf, type StompVersion, stompSubprotocols, stompVersions } from '../../../contract/stomp/version.ts'
import { heartbeat, writeFrame } from '../../../contract/stomp/write-frame.ts'
import { parseDuration } from '../../../core/duration.ts'
import { type DecodedConnection, type EventFrames, eventFrames } from '../../delivery/event-frames.ts'
import type { Socket, SocketClosing, SocketOptions } from '../../scenario/sockets.ts'
import type {
  StompConnection,
  StompOptions,
  StompSendOptions,
  StompSubscribeOptions,
  StompSubscription,
  StompTransaction,
} from '../../scenario/stomp.ts'
import type { Session } from '../../session/session.ts'
import { StreamError } from '../live/reconnector.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { agreedBeats, beat } from './heartbeats.ts'
import type { PublishedEvents } from './published-events.ts'
import { ReceivedFrame } from './received-frame.ts'
import { type SubscriptionHost, UserSubscription } from './user-subscription.ts'
import { WatchedCarrier } from './watched-carrier.ts'
import { UserTransaction } from './user-transaction.ts'

export interface UserStompDependencies {
  ws: WsClient
  session: Session
  path: string
  name: string
  published: PublishedEvents
  /** Returns the user's token, if the server may have it. */
  authorization: () => Promise<string | undefined>
}

/** Limits on the frames of a broker. */
const LIMITS = { headers: 1000, headBytes: 65_536, bodyBytes: 16 * 1024 * 1024 }
const DEFAULT_BEAT_MS = 10_000

/** One `stomp.open` of a scenario, over all its connections. */
export class UserStomp implements StompConnection, SubscriptionHost {
  socket!: Socket<ReceivedFrame>
  version: StompVersion = '1.2'
  readonly #dependencies: UserStompDependencies
  readonly #options: StompOptions
  readonly #subscriptions = new Map<string, UserSubscription>()
  #connection = 0
  #carrier!: WatchedCarrier
  /** The answer to CONNECT on the current connection. */
  #connected!: PromiseWithResolvers<ReceivedFrame | undefined>
  /** Ends the heart-beats of the connection. */
  #beating = new AbortController()
  #names = 0
  /** Receipt that the last ERROR is about. */
  #refusedReceipt: string | undefined
  #lastError = ''

  constructor(dependencies: UserStompDependencies, options: StompOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** @throws StreamError */
  async open(): Promise<this> {
    const { ws, path } = this.#dependencies
    const {
      versions: _versions,
      heartbeat: _heartbeat,
      connectHeaders: _headers,
      reconnect = true,
      ...live
    } = this.#options
    const options: SocketOptions<ReceivedFrame> = {
      ...live,
      reconnect,
      protocols: [...stompSubprotocols],
      onOpen: socket => this.#connect(socket),
    }
    const frames: EventFrames = { ...eventFrames['stomp.connect'], decoder: carrier => this.#decoder(carrier) }
    this.socket = await ws.open<ReceivedFrame>(path, options, frames)
    return this
  }

  get closed(): SocketClosing | undefined {
    return this.socket.closed
  }

  send(destination: string, body: unknown, options: StompSendOptions = {}): Promise<StompHeaders | undefined> {
    return this.publish('SEND', { destination, ...options.headers }, body, [destination], options)
  }

  async subscribe(destination: string, options: StompSubscribeOptions = {}): Promise<StompSubscription> {
    const id = String((this.#names += 1))
    const subscription = new UserSubscription(this, id, destination, options)
    this.#subscriptions.set(id, subscription)
    const ordinal = this.#connection
    if ((await this.#ask('SUBSCRIBE', subscription.headers)) !== undefined) return subscription
    // A connection that broke meanwhile has subscribed once it is back.
    if ((await this.socket.send(heartbeat)) && this.#connection !== ordinal) return subscription
    this.#subscriptions.delete(id)
    throw this.#error(`SUBSCRIBE to ${destination} was not confirmed`)
  }

  async begin(): Promise<StompTransaction> {
    const transaction = `tx-${(this.#names += 1)}`
    await this.write('BEGIN', { transaction })
    return new UserTransaction(this, transaction)
  }

  async close(): Promise<SocketClosing> {
    if (this.socket.closed === undefined) await this.#ask('DISCONNECT', {})
    this.#beating.abort()
    return this.socket.close()
  }

  /** Sends what publishes to these destinations, and counts its outcome. */
  async publish(
    command: 'SEND' | 'COMMIT',
    headers: Record<string, string>,
    body: unknown,
    destinations: readonly string[],
    { receipt = true, timeout, name }: StompSendOptions,
  ): Promise<StompHeaders | undefined> {
    const { published } = this.#dependencies
    if (!receipt) {
      if (await this.write(command, headers, body)) published.unknown(destinations)
      return {}
    }
    const id = this.#newReceipt()
    const answer = await this.#ask(command, { ...headers, receipt: id }, body, { timeout, name })
    if (answer !== undefined) published.reported(answer.headers)
    else if (this.#refusedReceipt !== id) published.unknown(destinations)
    return answer?.headers
  }

  /** Sends a frame without a receipt. Resolves with whether it was written. */
  write(command: string, headers: Record<string, string | undefined>, body?: unknown): Promise<boolean> {
    return this.socket.send(writeFrame(command, this.#typed(headers, body), this.version, textOf(body)))
  }

  async answer(command: string, headers: Record<string, string>, connection: number): Promise<boolean> {
    return connection === this.#connection && this.socket.closed === undefined && this.write(command, headers)
  }

  async unsubscribe({ id }: UserSubscription): Promise<void> {
    this.#subscriptions.delete(id)
    if (this.socket.closed === undefined) await this.#ask('UNSUBSCRIBE', { id })
  }

  #newReceipt(): string {
    return `r-${(this.#names += 1)}`
  }

  /** Sends a frame, and resolves with its RECEIPT; undefined if none comes. */
  #ask(
    command: string,
    headers: Record<string, string | undefined>,
    body?: unknown,
    { timeout, name }: Pick<StompSendOptions, 'timeout' | 'name'> = {},
  ): Promise<ReceivedFrame | undefined> {
    const { receipt = this.#newReceipt() } = headers
    return this.socket.request(
      writeFrame(command, { ...this.#typed(headers, body), receipt }, this.version, textOf(body)),
      (frame: ReceivedFrame) => frame.command === 'RECEIPT' && frame.headers['receipt-id'] === receipt,
      { ...(timeout !== undefined && { timeout }), ...(name !== undefined && { name }) },
    )
  }

  #typed(headers: Record<string, string | undefined>, body: unknown): Record<string, string | undefined> {
    return body === undefined || typeof body === 'string' ? headers : { 'content-type': 'application/json', ...headers }
  }

  /** Introduces itself on a new connection, and subscribes again. @throws StreamError */
  async #connect(socket: Socket<ReceivedFrame>): Promise<void> {
    const { authorization, path, session, name } = this.#dependencies
    const { versions = stompVersions, heartbeat: asked, connectHeaders, timeout = '60s' } = this.#options
    this.socket = socket
    const [connection, connected] = [this.#carrier, this.#connected]
    const beatMs = asked === undefined ? DEFAULT_BEAT_MS : asked === false ? 0 : parseDuration(asked)
    const token = connectHeaders === undefined ? await authorization() : undefined
    const headers = {
      'accept-version': versions.join(','),
      host: hostIn(path),
      'heart-beat': `${beatMs},${beatMs}`,
      ...(token !== undefined && { Authorization: token }),
      ...connectHeaders,
    }
    connection.send(writeFrame('CONNECT', headers, '1.2'))
    const enough = new AbortController()
    const answer = await Promise.race([
      connected.promise,
      session.clock.sleep(parseDuration(timeout), AbortSignal.any([enough.signal, session.interrupted])),
    ])
    enough.abort()
    if (answer === undefined) {
      const example = 'CONNECT was not answered'
      // An ERROR has been counted; no request tells of silence.
      if (this.#lastError === '' && !session.interrupted.aborted)
        session.recorder.fail({ name, reason: 'timeout', example })
      throw this.#error(example)
    }
    this.#beating.abort()
    this.#beating = new AbortController()
    const signal = AbortSignal.any([this.#beating.signal, session.stopping])
    beat(connection, agreedBeats(beatMs, answer.headers['heart-beat']), session.clock, signal)
    for (const { headers: ofSubscription } of this.#subscriptions.values()) {
      connection.send(writeFrame('SUBSCRIBE', ofSubscription, this.version))
    }
  }

  #decoder(carrier: DecodedConnection): (data: Buffer) => readonly ReceivedFrame[] {
    const { clock } = this.#dependencies.session
    const reader = new FrameReader(LIMITS)
    const connection = new WatchedCarrier(carrier, clock)
    const connected = Promise.withResolvers<ReceivedFrame | undefined>()
    this.#carrier = connection
    this.#connected = connected
    const ordinal = (this.#connection += 1)
    return data => {
      connection.heardAt = clock.now()
      const frames: ReceivedFrame[] = []
      try {
        for (const frame of reader.read(data)) {
          const received = new ReceivedFrame(frame, ordinal)
          if (received.command === 'CONNECTED') {
            this.version = reader.version = newestOf(received.headers['version']) ?? '1.0'
            connected.resolve(received)
          } else if (received.command === 'ERROR') connected.resolve(undefined)
          this.#note(received)
          frames.push(received)
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
        carrier.lose({ reason: 'protocol', example: `a frame of STOMP was not valid: ${error.message}` })
      }
      return frames
    }
  }

  #note({ command, headers, body }: ReceivedFrame): void {
    const { session, name, published } = this.#dependencies
    if (command === 'MESSAGE') this.#subscriptions.get(headers['subscription'] ?? '')?.received(headers)
    if (command !== 'ERROR') return
    this.#refusedReceipt = headers['receipt-id']
    this.#lastError = headers['message'] ?? body
    session.recorder.fail({ name, reason: 'stomp_error', example: this.#lastError })
    published.reported(headers)
  }

  #error(detail: string): StreamError {
    const because = this.#lastError === '' ? '' : `: ${this.#lastError}`
    return new StreamError(`cannot follow ${this.#dependencies.path}: ${detail}${because}`)
  }
}

function textOf(body: unknown): string {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** Returns the virtual host that a broker may ask for: that of the URL, if the path is one. */
function hostIn(path: string): string {
  return URL.canParse(path) ? new URL(path).hostname : '/'
}
