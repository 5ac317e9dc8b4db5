import type { ClientDuplexStream, ClientReadableStream, Metadata, StatusObject } from '@grpc/grpc-js'
import { endsWithRequest } from '../../../contract/grpc/services.ts'
import { type Duration, parseDuration } from '../../../core/duration.ts'
import { GrpcDelivery } from '../../delivery/grpc-items.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { GrpcEnding, GrpcStream, GrpcStreamOptions } from '../../scenario/grpc.ts'
import type { Holding } from '../../session/holdings.ts'
import type { CountedConsumer } from '../live/consumers.ts'
import { Inbox, type Source } from '../live/inbox.ts'
import { ReadingPace } from '../live/pace.ts'
import { tenantOf } from '../message/request-head.ts'
import { Deadline } from './deadline.ts'
import { type CallEnding, type Deserializer, endedAs, endingOf, failureOfCall, plain } from './ending.ts'
import { shownStream } from './watched-call.ts'
import { encoded, PREFIX_BYTES, type GrpcDependencies, type PreparedCall, unchanged } from './prepared-call.ts'

type StreamWire = ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>

/** Time that the server gets to end what the client has ended. */
const DRAIN_MS = 10_000
const FOREVER_MS = 24 * 3_600_000

/** One `grpc.stream` of a scenario. */
export class UserGrpcStream implements GrpcStream<object>, Holding, Source {
  readonly ended: Promise<GrpcEnding>
  readonly #dependencies: GrpcDependencies
  readonly #call: PreparedCall
  readonly #tags: Tags
  readonly #wire: StreamWire
  /** Whether the server ends the call once the client ends its side. */
  readonly #endsWithRequest: boolean
  /** Undefined for another server, or a service that is not counted. */
  readonly #delivery: GrpcDelivery | undefined
  readonly #account: CountedConsumer
  readonly #inbox: Inbox<object>
  readonly #pace: ReadingPace
  readonly #settle: (ending: GrpcEnding) => void
  readonly #over = new AbortController()
  #headers: Metadata | undefined
  #openedAt: number | undefined
  #finishing = false
  /** Whether this side has ended. */
  #isSaid = false
  #sentBytes = 0
  #receivedBytes = 0

  constructor(
    dependencies: GrpcDependencies,
    call: PreparedCall,
    first: object | undefined,
    options: GrpcStreamOptions,
  ) {
    const { session, method, host, route, client, path, metadata, key } = call
    this.#dependencies = dependencies
    this.#call = call
    this.#tags = dependencies.tags.ofCall(session, route)
    this.#account = dependencies.consumers.of(key)
    const isOurs = host.name === undefined && route.operation?.startsWith('grpc.') === true
    this.#endsWithRequest = isOurs
    if (isOurs) metadata.set(endsWithRequest, 'true')
    this.#delivery = isOurs
      ? new GrpcDelivery({
          clock: session.clock,
          recorder: session.recorder,
          tagsOf: stream => dependencies.tags.ofCall(session, route, { stream }),
          fanOut: dependencies.fanOut,
          tenant: tenantOf(plain(metadata)),
          ordered: !hasHolesByDesign(first),
        })
      : undefined
    const { promise, resolve } = Promise.withResolvers<GrpcEnding>()
    this.ended = promise
    this.#settle = resolve
    this.#pace = new ReadingPace(this, session.clock, options.readRate)
    this.#inbox = new Inbox(this.#pace)
    const deadlineMs = options.deadline === undefined ? undefined : parseDuration(options.deadline)
    const deadline =
      deadlineMs === undefined ? undefined : new Deadline(session.clock, Math.min(deadlineMs, FOREVER_MS))
    const settings = deadline === undefined ? {} : { deadline: deadline.wallTime }
    const bytes = first === undefined ? undefined : encoded(method, first)
    if (bytes !== undefined) dependencies.watch?.frame(session, 'sent', JSON.stringify(first), false)
    if (method.requestStream || this.#endsWithRequest) {
      const wire = client.makeBidiStreamRequest<Buffer, Buffer>(path, unchanged, unchanged, metadata, settings)
      this.#wire = wire
      if (bytes !== undefined) void this.#write(wire, bytes)
    } else {
      const only = bytes ?? encoded(method, {})
      this.#wire = client.makeServerStreamRequest<Buffer, Buffer>(path, unchanged, unchanged, only, metadata, settings)
      this.#count(only)
      this.#isSaid = true
    }
    this.#listen(options, deadline)
  }

  next({ timeout }: { timeout?: Duration } = {}): Promise<object | undefined> {
    if (timeout === undefined) return this.#inbox.next()
    const { item, giveUp } = this.#inbox.await()
    const enough = new AbortController()
    void item.then(() => enough.abort())
    void this.#call.session.clock.sleep(parseDuration(timeout), enough.signal).then(giveUp)
    return item
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    try {
      for (let item = await this.next(); item !== undefined; item = await this.next()) yield item
    } finally {
      await this.close()
    }
  }

  async send(message: object): Promise<boolean> {
    if (!('write' in this.#wire))
      throw new TypeError(`${this.#call.path} takes one message, which grpc.stream has sent`)
    const bytes = encoded(this.#call.method, message)
    this.#dependencies.watch?.frame(this.#call.session, 'sent', JSON.stringify(message), false)
    if (this.#over.signal.aborted || this.#finishing) return false
    return this.#write(this.#wire, bytes)
  }

  end(): void {
    if (!this.#call.method.requestStream || !('end' in this.#wire)) return
    this.#isSaid = true
    this.#wire.end()
  }

  close(): Promise<GrpcEnding> {
    this.#finish()
    return this.ended
  }

  release(): Promise<GrpcEnding> {
    return this.close()
  }

  pause(): void {
    if (!this.#finishing) this.#wire.pause()
  }

  resume(): void {
    this.#wire.resume()
  }

  /** Ends it gracefully where the server lets it. What still arrives is counted, but not delivered. */
  #finish(): void {
    if (this.#finishing || this.#over.signal.aborted) return
    this.#finishing = true
    this.#inbox.discard()
    this.#wire.resume()
    if ('end' in this.#wire) this.#wire.end()
    else this.#wire.cancel()
    void this.#call.session.clock.sleep(DRAIN_MS, this.#over.signal).then(() => this.#wire.cancel())
  }

  #write(wire: ClientDuplexStream<Buffer, Buffer>, bytes: Buffer): Promise<boolean> {
    this.#count(bytes)
    if (wire.write(bytes)) return Promise.resolve(true)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    wire.once('drain', () => resolve(true))
    this.#over.signal.addEventListener('abort', () => resolve(false))
    return promise
  }

  #count(bytes: Buffer): void {
    this.#sentBytes += PREFIX_BYTES + bytes.length
    this.#call.session.recorder.add('grpc_streams_msgs_sent', this.#tags)
  }

  #listen({ until }: GrpcStreamOptions, deadline: Deadline | undefined): void {
    const { session } = this.#call
    const wire = this.#wire
    const finish = () => this.#finish()
    const cancel = () => {
      this.#finishing = true
      this.#inbox.discard()
      wire.resume()
      wire.cancel()
    }
    session.stopping.addEventListener('abort', finish)
    session.interrupted.addEventListener('abort', cancel)
    const deserializer: Deserializer = name => this.#call.library.methods.deserializer(name)
    const status = new Promise<CallEnding>(resolve => {
      wire.on('status', (ended: StatusObject) => {
        const late = deadline?.hasPassed === true
        resolve(
          endingOf(ended, deserializer, { cancelled: this.#finishing, late, answered: this.#headers !== undefined }),
        )
      })
    })
    const read = new Promise<void>(resolve => wire.on('end', resolve))
    wire.on('error', () => {})
    wire.on('metadata', (headers: Metadata) => this.#opened(headers))
    wire.on('data', (bytes: Buffer) => this.#receive(bytes))
    void Promise.all([status, read]).then(([ending]) => {
      session.stopping.removeEventListener('abort', finish)
      session.interrupted.removeEventListener('abort', cancel)
      this.#end(ending)
    })
    if (until !== undefined) void session.clock.sleep(parseDuration(until), this.#over.signal).then(finish)
    if (session.stopping.aborted) finish()
  }

  #opened(headers: Metadata): void {
    const { session, host, dueAt } = this.#call
    this.#headers = headers
    // A refusal has a status, and no messages.
    if (!this.#isStream(headers)) return
    this.#openedAt = session.clock.now()
    session.recorder.add('grpc_streams', this.#tags, 1, dueAt)
    this.#dependencies.open.enter()
    if (host.name === undefined) this.#dependencies.consumers.open(this.#account)
    this.#dependencies.watch?.opened(shownStream(this.#call, headers, this.#openedAt))
  }

  /** Whether the head begins a stream: the target answers a refusal with a length. */
  #isStream(headers: Metadata): boolean {
    return headers.get('content-length').length === 0 && headers.get('grpc-status').length === 0
  }

  #receive(bytes: Buffer): void {
    const { session, method, route } = this.#call
    const { recorder } = session
    this.#receivedBytes += PREFIX_BYTES + bytes.length
    recorder.add('grpc_streams_msgs_received', this.#tags)
    this.#pace.read()
    let message: object
    try {
      message = method.responseDeserialize(bytes)
      if (this.#delivery?.received(message) === true) this.#account.received += 1
    } catch (error) {
      // The target counts it as delivered: it was an event until a fault spoiled it.
      this.#account.received += 1
      if (this.#delivery !== undefined) recorder.add('grpc_events', this.#tags)
      const example = `expected a message of ${method.path}: ${(error as Error).message}`
      return recorder.fail({ name: route.name, reason: 'body', example })
    }
    this.#dependencies.watch?.frame(session, 'received', JSON.stringify(message), false)
    const isSilent = this.#delivery !== undefined && 'keep_alive' in message
    if (!isSilent) this.#inbox.push(message, bytes.length)
  }

  #end(ending: CallEnding): void {
    const { session, tags, dueAt, handedAt, route, expected } = this.#call
    const { recorder, clock } = session
    const isOurs = this.#finishing && (ending.status === 'CANCELLED' || ending.status === 'OK')
    const failure =
      isOurs && !session.interrupted.aborted ? undefined : failureOfCall(ending, expected, session.interrupted.aborted)
    const endedAt = clock.now()
    // Other servers refuse with trailers only.
    const isAnswered = this.#headers !== undefined || ending.isFromServer
    const opened = this.#openedAt !== undefined
    // The two ends can only agree on bytes that were read to their end.
    const isUnread = this.#endsWithRequest && isAnswered && !opened && !this.#isSaid
    this.#over.abort()
    this.#pace.end()
    this.#delivery?.end()
    this.#dependencies.watch?.ended(shownStream(this.#call, this.#headers, endedAt), {
      opened,
      body: '',
      reason: this.#finishing ? 'end' : ending.isFromServer ? 'server' : 'error',
      code: ending.status,
      failure,
    })
    recorder.request({
      tags,
      dueAt,
      handedAt,
      sentAt: handedAt,
      endedAt,
      status: isAnswered ? 200 : 0,
      sentBytes: isUnread ? 0 : this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      ...(!opened && failure !== undefined && { failure }),
      stream: true,
    })
    if (isAnswered) recorder.add('http_req_http2', tags, 1, dueAt)
    recorder.add('grpc_reqs', endedAs(this.#dependencies.tags, tags, ending), 1, dueAt)
    if (this.#openedAt !== undefined) {
      this.#dependencies.open.leave()
      const reason = this.#finishing ? 'end' : ending.isFromServer ? 'server' : 'error'
      const ofEnding = this.#dependencies.tags.ofEnding(this.#tags, { reason })
      recorder.time('grpc_stream_duration', ofEnding, endedAt - this.#openedAt)
      if (failure !== undefined) recorder.fail({ name: route.name, ...failure })
    }
    if (ending.status === 'UNAUTHENTICATED' && this.#call.authorization !== undefined) {
      session.token?.refused(this.#call.authorization)
    }
    session.holdings.delete(this)
    this.#inbox.end()
    const { isFromServer: _isFromServer, ...shown } = ending
    this.#settle(shown)
  }
}

/** A filter by type leaves holes in the offsets of a partition, and so does a group whose partitions move. */
function hasHolesByDesign(request: object | undefined): boolean {
  const { types = [], group = '' } = (request ?? {}) as { types?: unknown[]; group?: string }
  return types.length > 0 || group !== ''
}
