import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import { type Duration, parseDuration } from '../../../../core/duration.ts'
import { type EventFrames, eventFrames } from '../../../delivery/event-frames.ts'
import type { Tags } from '../../../metrics/catalog.ts'
import type { FrameMatch, Socket, SocketClosing, SocketOptions, WaitOptions } from '../../../scenario/sockets.ts'
import type { Holding } from '../../../session/holdings.ts'
import { type Session, takeDueAt } from '../../../session/session.ts'
import type { Host } from '../../address/hosts.ts'
import { parsedIfJson } from '../../message/content.ts'
import { Timeout, timeoutMsOf } from '../../timing/deadlines.ts'
import type { LiveConnection, OpeningOptions } from '../connection.ts'
import type { WsDependencies } from '../dependencies.ts'
import { matcherOf, typeIn } from '../inbox.ts'
import { Reconnector, type StreamError } from '../reconnector.ts'
import { awaitedWithin, tellUnanswered, untilExpired } from './limited-waits.ts'
import { Pings } from './pings.ts'
import { SocketEvents } from './socket-events.ts'
import { checkClosing, encoded, SocketSession, type SocketSessionListener } from './socket-session.ts'
import { opened, UnparsedFrame } from './unparsed-frame.ts'

const DEFAULT_RETRY_MS = 1000

/** One `ws.open` of a scenario. */
export class UserSocket
  extends Reconnector<unknown, SocketSession, WsDependencies>
  implements Socket<unknown>, Holding, SocketSessionListener
{
  readonly done: Promise<void>
  closed: SocketClosing | undefined
  readonly #options: SocketOptions<unknown>
  readonly #frames: EventFrames | undefined
  /** Absent where frames carry no events. */
  readonly #events: SocketEvents | undefined
  /** Reads the frames of the current connection, where they are not JSON. */
  #decode: ReturnType<NonNullable<EventFrames['decoder']>> | undefined
  /** False while a protocol introduces itself on the current connection. */
  #isSetUp = true
  readonly #pings = new Pings()
  readonly #ready = Promise.withResolvers<void>()
  /** Resolves with the next connection; created when something waits for it. */
  #next: PromiseWithResolvers<SocketSession | undefined> | undefined
  /** Closing of the previous connection. */
  #closing: SocketClosing | undefined
  /** Error of `onOpen`. */
  #error: Error | undefined

  /**
   * @param ordinal of this socket among all that its user opens.
   * @param frames how its frames carry events. Default: as the operation of the target says
   */
  constructor(
    dependencies: WsDependencies,
    session: Session,
    { host, path }: { host: Host; path: string },
    options: SocketOptions<unknown>,
    ordinal: number,
    frames?: EventFrames,
  ) {
    const { onOpen, reconnect = onOpen !== undefined, backoff, timeout } = options
    super(dependencies, {
      transport: 'ws',
      session,
      host,
      path,
      address: path.split('?')[0] as string,
      ordinal,
      options,
      reconnect,
      retryMs: backoff === undefined ? DEFAULT_RETRY_MS : parseDuration(backoff),
      timeoutMs: timeoutMsOf(timeout),
      // A scenario that only uses `request` is not a slow reader.
      yieldsUntilRead: true,
      open: opened,
    })
    this.#options = options
    this.#frames = frames ?? (eventFrames as Partial<Record<string, EventFrames>>)[this.route.operation ?? '']
    const { clock, fanOut } = dependencies
    const { tags, tenant } = this
    this.#events =
      this.#frames &&
      new SocketEvents({ clock, recorder: session.recorder, tags, frames: this.#frames, fanOut, tenant })
    // Nothing awaits it once the socket is open, so that its rejection must not count as unhandled.
    this.#ready.promise.catch(() => {})
    this.done = this.start()
  }

  /** Resolves once it is open and set up. @throws StreamError, or what `onOpen` throws */
  async open(): Promise<this> {
    await this.#ready.promise
    return this
  }

  async send(value: unknown): Promise<boolean> {
    const data = encoded(value)
    const connection = await this.#connection()
    const sent = connection !== undefined && (await connection.send(data))
    // A scenario that sends in a loop must not block the event loop.
    if (!sent) await this.dependencies.clock.sleep(0)
    return sent
  }

  async request(
    value: unknown,
    match: FrameMatch<unknown>,
    { timeout, name }: WaitOptions & { name?: string } = {},
  ): Promise<never> {
    const { clock, recorder } = this.session
    const data = encoded(value)
    const askedAt = clock.now()
    const dueAt = takeDueAt(this.session) ?? askedAt
    const limit = this.#timeout(timeout)
    const connection = await untilExpired(this.#connection(), limit)
    let frame: unknown
    if (connection !== undefined) {
      const { item, giveUp } = this.inbox.expect(matcherOf(match), typeIn(match))
      limit.onExpire = giveUp
      void connection.send(data)
      frame = await item
    }
    limit.cancel()
    const tags = this.#tagsOf(name)
    recorder.hit('ws_req_failed', tags, frame === undefined, dueAt)
    if (frame === undefined) await tellUnanswered(this.session, tags, limit)
    else recorder.time('ws_req_duration', tags, clock.now() - dueAt, dueAt)
    return frame as never
  }

  receive(match?: FrameMatch<unknown>, options?: WaitOptions): Promise<never> {
    // Frames that have come are taken without a wait.
    return match === undefined && options === undefined
      ? (this.inbox.next() as Promise<never>)
      : this.#receive(match, options)
  }

  async #receive(match: FrameMatch<unknown> | undefined, { timeout }: WaitOptions = {}): Promise<never> {
    const wait = this.inbox.await(match && matcherOf(match))
    if (timeout === 0) wait.giveUp()
    const isLimited = timeout !== undefined && timeout !== 0
    return (await (isLimited ? awaitedWithin(wait, this.#timeout(timeout)) : wait.item)) as never
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    while (!this.session.stopping.aborted) {
      const frame = await this.inbox.next()
      if (frame === undefined) return
      yield frame
    }
  }

  async ping({ timeout }: WaitOptions = {}): Promise<number | undefined> {
    const { clock, recorder } = this.session
    const limit = this.#timeout(timeout)
    const connection = await untilExpired(this.#connection(), limit)
    let pingMs: number | undefined
    if (connection !== undefined) {
      // No frame answers a ping, but the frames before the pong must be read.
      const { item, giveUp } = this.inbox.expect(() => false)
      limit.onExpire = giveUp
      const askedAt = clock.now()
      const { ordinal, data } = this.#pings.add(askedAt, tookMs => {
        pingMs = tookMs
        recorder.time('ws_ping', this.tags, tookMs, askedAt)
        giveUp()
      })
      connection.ping(data)
      await item
      this.#pings.delete(ordinal)
    }
    limit.cancel()
    if (pingMs === undefined) await tellUnanswered(this.session, this.tags, limit)
    return pingMs
  }

  async close(code = 1000, reason = ''): Promise<SocketClosing> {
    checkClosing(code, reason)
    this.finish(code, reason)
    await this.done
    return this.closed as SocketClosing
  }

  release(): Promise<unknown> {
    this.finish()
    return this.done
  }

  /** Ends all waits. Requests are still answered. */
  stop(): void {
    this.inbox.stopWaiting()
  }

  override opened(connection: LiveConnection, at: number): void {
    super.opened(connection, at)
    const socket = connection as SocketSession
    this.#decode = this.#frames?.decoder?.(socket)
    if (this.#options.onOpen === undefined) this.#ready.resolve()
    else void this.#setUp(socket, this.#options.onOpen)
    this.#isSetUp = this.#decode === undefined
    if (this.#isSetUp) this.#reached(socket)
  }

  frame(data: Buffer | string, isBinary: boolean): void {
    this.pace.read()
    if (this.#decode === undefined) this.#received(isBinary ? data : parsedIfJson(data.toString()), data.length)
    else for (const frame of this.#decode(Buffer.from(data as string))) this.#received(frame, data.length)
  }

  /** Accounts for a frame that nothing has asked for, and leaves its JSON until the scenario begins to take frames. */
  scanned(chunk: Buffer, start: number, end: number): boolean {
    const events = this.#events
    if (events === undefined || this.inbox.isRead) return false
    const type = events.scan(chunk, start, end)
    if (type === undefined || this.inbox.mayWant(type)) return false
    this.pace.read()
    events.countScanned()
    this.inbox.push(new UnparsedFrame(type, chunk.toString('latin1', start, end)), end - start)
    return true
  }

  #received(content: unknown, bytes: number): void {
    this.#events?.count(content)
    this.inbox.push(content, bytes)
  }

  pong(data: Buffer): void {
    this.#pings.pong(data, this.dependencies.clock.now())
  }

  protected override async run(): Promise<void> {
    await super.run()
    const error = this.#error ?? this.#breakage()
    if (error !== undefined) throw error
  }

  protected async connect(opening: OpeningOptions): Promise<SocketSession> {
    const { protocols = [], compression = false } = this.#options
    const options = {
      ...opening,
      address: this.host.address,
      protocols: [protocols].flat(),
      compression,
      carrier: this.#frames?.carrier,
    }
    const socket = await this.untilEnded(new SocketSession(this.dependencies, options, this))
    this.#closing = socket.closing
    return socket
  }

  protected onEnd(error: Error | undefined): void {
    this.closed = this.#closing ?? { code: 1006, reason: '', name: closeCodeOf(1006).name, clean: false }
    this.#next?.resolve(undefined)
    this.#events?.end()
    this.session.holdings.delete(this)
    this.#ready.reject(error ?? this.error('it was ended before it was set up'))
  }

  /** Returns the error of a connection that broke, other than by the end of the run or a close by the client. */
  #breakage(): StreamError | undefined {
    if (this.isFinished || this.session.stopping.aborted || (this.#closing?.clean ?? true)) return undefined
    return this.error('the connection broke')
  }

  async #setUp(connection: SocketSession, onOpen: (socket: Socket<unknown>) => unknown): Promise<void> {
    try {
      await onOpen(this)
      this.#ready.resolve()
      if (!connection.isOpen) return
      this.#isSetUp = true
      this.#reached(connection)
    } catch (error) {
      // A connection that broke meanwhile is opened and set up again, or has ended.
      if (!connection.isOpen) return
      this.#error = error as Error
      this.disconnect(1000, '')
    }
  }

  #reached(connection: SocketSession): void {
    this.#next?.resolve(connection)
    this.#next = undefined
  }

  #timeout(timeout: Duration | undefined): Timeout {
    return new Timeout(this.dependencies.deadlines, this.dependencies.clock.now() + timeoutMsOf(timeout))
  }

  /** Returns the open connection, now or once there is one again; undefined when there will be none. */
  #connection(): SocketSession | Promise<SocketSession | undefined> | undefined {
    if (this.#isSetUp && this.current?.isOpen) return this.current
    if (this.isFinished) return undefined
    return (this.#next ??= Promise.withResolvers()).promise
  }

  #tagsOf(name: string | undefined): Tags {
    if (name === undefined) return this.tags
    const { labelled, tags } = this.dependencies
    const route = labelled.labelled(this.host.routes.of('GET', this.address, name), this.route.labels)
    return tags.ofSocket(this.session, route)
  }
}
