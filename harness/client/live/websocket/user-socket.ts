import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import { type Duration, parseDuration } from '../../../../core/duration.ts'
import { type EventFrames, type ParsedFrame, eventFrames } from '../../../delivery/event-frames.ts'
import { SocketDelivery } from '../../../delivery/socket-delivery.ts'
import type { Tags } from '../../../metrics/catalog.ts'
import type { FrameMatch, Socket, SocketClosing, SocketOptions, WaitOptions } from '../../../scenario/sockets.ts'
import type { Holding } from '../../../session/holdings.ts'
import { type Session, takeDueAt } from '../../../session/session.ts'
import type { Route } from '../../address/routes.ts'
import { tenantOf } from '../../message/request-head.ts'
import { type ExchangeFailure, interrupted } from '../../engine/failure.ts'
import { DEFAULT_TIMEOUT_MS, Timeout } from '../../timing/deadlines.ts'
import type { LiveDependencies } from '../dependencies.ts'
import { Inbox, matcherOf } from '../inbox.ts'
import { ReadingPace } from '../pace.ts'
import { StreamError } from '../reconnector.ts'
import { Pings } from './pings.ts'
import { ReconnectingSocket } from './reconnecting-socket.ts'
import { type SocketSession, contentOf, encoded } from './socket-session.ts'

/** One `ws.open` of a scenario. It sends and receives frames over one or more connections, and counts, checks and delivers them. */
export class UserSocket implements Socket<unknown>, Holding {
  closed: SocketClosing | undefined
  /** Resolves at the end of the socket, when all is counted. Never rejects. */
  readonly done: Promise<void>
  readonly #dependencies: LiveDependencies
  readonly #session: Session
  /** The path without its query. */
  readonly #address: string
  readonly #route: Route
  readonly #tenant: string
  readonly #onOpen: SocketOptions<unknown>['onOpen']
  readonly #socket: ReconnectingSocket
  readonly #pace: ReadingPace
  readonly #inbox: Inbox<unknown>
  readonly #frames: EventFrames | undefined
  /** Made with the first frame: idle sockets are many. */
  #delivery: SocketDelivery | undefined
  readonly #pings = new Pings()
  readonly #ready = Promise.withResolvers<void>()
  /** Error of `onOpen`. */
  #error: Error | undefined
  #finishing = false

  /** @param ordinal of this socket among all that its user opens. */
  constructor(
    dependencies: LiveDependencies,
    session: Session,
    path: string,
    options: SocketOptions<unknown>,
    ordinal: number,
  ) {
    const { clock, routes } = dependencies
    this.#dependencies = dependencies
    this.#session = session
    this.#address = path.split('?')[0] as string
    this.#route = routes.of('GET', path, options.name)
    this.#tenant = tenantOf(options.headers)
    this.#onOpen = options.onOpen
    this.#frames = (eventFrames as Partial<Record<string, EventFrames>>)[this.#route.operation ?? '']
    const key = session.exchanges.next()
    const random = session.random.fork('ws', ordinal)
    this.#socket = new ReconnectingSocket(
      dependencies,
      { session, route: this.#route, path, address: this.#address, options, key, random },
      {
        opened: socket => this.#opened(socket),
        frame: (data, isBinary) => this.#receive(data, isBinary),
        pong: data => this.#pings.pong(data, clock.now()),
        broken: () => this.#inbox.giveUpExpectations(),
      },
    )
    this.#pace = new ReadingPace(this.#socket, clock, options.readRate)
    // A scenario that only uses `request` is not a slow reader.
    this.#inbox = new Inbox(this.#pace, { yieldsUntilRead: true })
    // Nothing awaits it once the socket was open.
    this.#ready.promise.catch(() => {})
    this.done = this.#run()
  }

  /** Resolves once it is open and set up. @throws StreamError, or what `onOpen` throws */
  async open(): Promise<this> {
    await this.#ready.promise
    return this
  }

  async send(value: unknown): Promise<boolean> {
    const data = encoded(value)
    const connection = await this.#socket.standing()
    const sent = connection !== undefined && (await connection.send(data))
    // A scenario that sends in a loop must not block the event loop.
    if (!sent) await this.#dependencies.clock.sleep(0)
    return sent
  }

  async request(
    value: unknown,
    match: FrameMatch<unknown>,
    { timeout, name }: WaitOptions & { name?: string } = {},
  ): Promise<never> {
    const { clock, recorder } = this.#session
    const data = encoded(value)
    const askedAt = clock.now()
    const dueAt = takeDueAt(this.#session) ?? askedAt
    const limit = this.#timeout(timeout)
    const connection = await this.#connection(limit)
    let frame: unknown
    if (connection !== undefined) {
      const { item, giveUp } = this.#inbox.expect(matcherOf(match))
      limit.onExpire = giveUp
      void connection.send(data)
      frame = await item
    }
    limit.cancel()
    const tags = this.#tags(name)
    recorder.hit('ws_req_failed', tags, frame === undefined, dueAt)
    if (frame === undefined) await this.#unanswered(tags, limit)
    else recorder.time('ws_req_duration', tags, clock.now() - dueAt, dueAt)
    return frame as never
  }

  async receive(match?: FrameMatch<unknown>, { timeout }: WaitOptions = {}): Promise<never> {
    const { item, giveUp } = this.#inbox.await(match && matcherOf(match))
    if (timeout === 0) giveUp()
    if (timeout === undefined || timeout === 0) return (await item) as never
    const limit = this.#timeout(timeout)
    limit.onExpire = giveUp
    try {
      return (await item) as never
    } finally {
      limit.cancel()
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    while (!this.#session.stopping.aborted) {
      const frame = await this.#inbox.next()
      if (frame === undefined) return
      yield frame
    }
  }

  async ping({ timeout }: WaitOptions = {}): Promise<number | undefined> {
    const { clock, recorder } = this.#session
    const limit = this.#timeout(timeout)
    const connection = await this.#connection(limit)
    let pingMs: number | undefined
    const tags = this.#tags()
    if (connection !== undefined) {
      // No frame answers a ping, but the frames before the pong must be read.
      const { item, giveUp } = this.#inbox.expect(() => false)
      limit.onExpire = giveUp
      const askedAt = clock.now()
      const { ordinal, data } = this.#pings.add(askedAt, tookMs => {
        pingMs = tookMs
        recorder.time('ws_ping', tags, tookMs, askedAt)
        giveUp()
      })
      connection.ping(data)
      await item
      this.#pings.delete(ordinal)
    }
    limit.cancel()
    if (pingMs === undefined) await this.#unanswered(tags, limit)
    return pingMs
  }

  async close(code = 1000, reason = ''): Promise<SocketClosing> {
    checkClosing(code, reason)
    this.#finish(code, reason)
    await this.done
    return this.closed as SocketClosing
  }

  release(): Promise<unknown> {
    this.#finish(1000, '')
    return this.done
  }

  /** Ends all waits, because the run is about to end. Requests are still answered. */
  stopWaiting(): void {
    this.#inbox.stopWaiting()
  }

  destroy(): void {
    this.#finishing = true
    this.#inbox.discard()
    this.#socket.destroy()
  }

  /** Closes the socket. Frames that still arrive are counted and measured, but not delivered. */
  #finish(code: number, reason: string): void {
    this.#finishing = true
    this.#inbox.discard()
    this.#socket.finish(code, reason)
  }

  async #run(): Promise<void> {
    try {
      await this.#socket.run()
      this.#end(this.#error ?? this.#breakage())
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #end(error: Error | undefined): void {
    this.closed = this.#socket.closing ?? { code: 1006, reason: '', name: closeCodeOf(1006).name, clean: false }
    this.#pace.end()
    this.#delivery?.end()
    this.#session.holdings.delete(this)
    this.#inbox.end(error)
    this.#ready.reject(error ?? new StreamError(`cannot follow ${this.#address}: it was ended before it was set up`))
  }

  /** Returns the error of a broken connection. The end of the run or a close by the client is not one. */
  #breakage(): StreamError | undefined {
    const { closing } = this.#socket
    if (this.#finishing || this.#session.stopping.aborted || closing === undefined || closing.clean) return undefined
    return new StreamError(`cannot follow ${this.#address}: the connection broke`)
  }

  #opened(connection: SocketSession): void {
    this.#pace.renewed()
    if (this.#onOpen === undefined) this.#ready.resolve()
    else void this.#setUp(connection, this.#onOpen)
  }

  async #setUp(connection: SocketSession, onOpen: (socket: Socket<unknown>) => unknown): Promise<void> {
    try {
      await onOpen(this)
      this.#ready.resolve()
    } catch (error) {
      // A connection that broke meanwhile is opened and set up again, or has ended.
      if (!connection.isOpen) return
      this.#error = error as Error
      this.#socket.finish(1000, '')
    }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const content = contentOf(data, isBinary)
    if (typeof content === 'object' && content !== null) this.#account(content as ParsedFrame)
    this.#pace.read()
    this.#inbox.push(content, data.length)
  }

  #account(frame: ParsedFrame): void {
    if (this.#frames === undefined) return
    this.#delivery ??= new SocketDelivery({
      clock: this.#dependencies.clock,
      recorder: this.#session.recorder,
      tags: this.#tags(),
      frames: this.#frames,
      fanOut: this.#dependencies.fanOut,
      tenant: this.#tenant,
    })
    this.#delivery.received(frame)
  }

  #timeout(timeout: Duration | undefined): Timeout {
    const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout)
    return new Timeout(this.#dependencies.deadlines, this.#dependencies.clock.now() + timeoutMs)
  }

  /** Returns the open connection, or waits for it within the limit. */
  #connection(limit: Timeout): SocketSession | Promise<SocketSession | undefined> | undefined {
    const standing = this.#socket.standing()
    if (!(standing instanceof Promise)) return standing
    return new Promise(resolve => {
      limit.onExpire = () => resolve(undefined)
      void standing.then(resolve)
    })
  }

  async #unanswered({ name = '' }: Tags, limit: Timeout): Promise<void> {
    this.#session.recorder.fail({ name, ...this.#whyUnanswered(limit) })
    await this.#dependencies.clock.sleep(0)
  }

  #whyUnanswered({ expired }: Timeout): ExchangeFailure {
    if (expired) return { reason: 'timeout', example: 'no frame that answers came in time' }
    if (this.#session.interrupted.aborted) return interrupted
    return { reason: 'closed', example: 'the connection was closed before the answer came' }
  }

  #tags(name?: string): Tags {
    const route = name === undefined ? this.#route : this.#dependencies.routes.of('GET', this.#address, name)
    return this.#dependencies.tags.ofSocket(this.#session, route)
  }
}

/** @throws RangeError for a close code or reason that no client may send. */
function checkClosing(code: number, reason: string): void {
  const own = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  if (!Number.isInteger(code) || !own) throw new RangeError(`expected a close code of 1000 or 3000…4999, got ${code}`)
  if (Buffer.byteLength(reason) > 123) throw new RangeError('expected a reason of at most 123 bytes')
}
