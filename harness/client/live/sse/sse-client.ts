import { parseDuration } from '../../../../core/duration.ts'
import type { RawEvent, RawStreamOptions, Sse, StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import { pathAt } from '../../address/hosts.ts'
import { checkRedirectMode } from '../../message/redirects.ts'
import { encodeBody } from '../../message/request-body.ts'
import { encodeEventId, encodeMethod, shown } from '../../message/request-head.ts'
import type { SseDependencies } from '../dependencies.ts'
import { checkLiveOptions } from '../options.ts'
import { createFollowed } from '../reconnector.ts'
import { AccountedStream } from './accounted-stream.ts'
import { RawStream } from './raw-stream.ts'
import { StreamItems } from './stream-items.ts'
import type { StreamConsumer, RequestedStream } from './stream-consumer.ts'

type UserStream<Item> = Pick<
  StreamConsumer<Item>,
  'next' | 'takeNext' | 'finish' | 'stop' | 'destroy' | 'release' | 'done'
>

/** Opens the streams of one user. */
export class SseClient implements Sse {
  readonly #dependencies: SseDependencies
  readonly #session: Session
  /** Streams that have not ended; created with the first one. */
  #streams: Set<UserStream<unknown>> | undefined
  #opened = 0

  constructor(dependencies: SseDependencies, session: Session) {
    this.#dependencies = dependencies
    this.#session = session
  }

  open(path: string, options: RawStreamOptions): AsyncIterable<RawEvent>
  open(path: string, options?: StreamOptions): AsyncIterable<StreamEvent>
  /** @throws TypeError or RangeError for invalid options. */
  open(path: string, options: StreamOptions | RawStreamOptions = {}): AsyncIterable<RawEvent> {
    const body = bodyOf(options)
    check(options, body.encoded?.byteLength ?? 0)
    const host = this.#dependencies.hosts.of(path)
    const request = { ...body, host, path: pathAt(host, path, options.query) }
    const create = () =>
      options.raw === true
        ? new RawStream(this.#dependencies, this.#session, request, options, this.#opened++)
        : new AccountedStream(this.#dependencies, this.#session, request, options, this.#opened++)
    return { [Symbol.asyncIterator]: () => this.#follow(create, options.events) }
  }

  /** Follows a stream whose events another client reads. @throws TypeError or RangeError for invalid options. */
  follow<Item>(
    path: string,
    options: RawStreamOptions,
    create: (request: RequestedStream, ordinal: number) => UserStream<Item>,
  ): AsyncIterable<Item> {
    const body = bodyOf(options)
    check(options, body.encoded?.byteLength ?? 0)
    const host = this.#dependencies.hosts.of(path)
    const request = { ...body, host, path: pathAt(host, path, options.query) }
    return { [Symbol.asyncIterator]: () => this.#follow(() => create(request, this.#opened++), options.events) }
  }

  #follow<Item>(create: () => UserStream<Item>, mostEvents: number | undefined): StreamItems<Item> {
    return new StreamItems(() => {
      const consumer = create()
      const streams = (this.#streams ??= createFollowed(this.#session))
      streams.add(consumer)
      // A scenario may read it without waiting for it, so that nothing else would end it.
      this.#session.holdings.addKept(consumer)
      void consumer.done.then(() => {
        streams.delete(consumer)
        this.#session.holdings.delete(consumer)
      })
      return consumer
    }, mostEvents)
  }
}

function check(options: StreamOptions | RawStreamOptions, bodyBytes: number): void {
  const { redirect, until, events, lastEventId } = options
  checkLiveOptions(options, bodyBytes)
  checkRedirectMode(redirect)
  if (until !== undefined) parseDuration(until)
  if (events !== undefined && !(events >= 0)) throw new RangeError(`expected a number of events, got ${shown(events)}`)
  if (lastEventId !== undefined && lastEventId !== '' && encodeEventId(lastEventId) === undefined) {
    throw new TypeError(`expected lastEventId to be text that a header can carry, got ${shown(lastEventId)}`)
  }
}

type RequestedBody = Pick<RequestedStream, 'method' | 'encoded'>

const NO_BODY: RequestedBody = { method: 'GET', encoded: undefined }
const OF_RAW_STREAMS = ['method', 'json', 'form', 'body'] as const

/** @throws TypeError for a method or body that cannot be sent, or that a stream of this kind does not have. */
function bodyOf(options: StreamOptions | RawStreamOptions): RequestedBody {
  if (options.raw !== true) {
    const raw: unknown = options.raw
    if (raw !== undefined && raw !== false) throw new TypeError(`expected raw to be true or false, got ${shown(raw)}`)
    const given = OF_RAW_STREAMS.find(name => (options as Partial<RawStreamOptions>)[name] !== undefined)
    if (given === undefined) return NO_BODY
    throw new TypeError(`${given} is an option of raw streams only; add raw: true`)
  }
  const { json, form, body } = options
  const method = encodeMethod(options.method ?? 'GET')
  const encoded = encodeBody({ json, ...(form !== undefined && { form }), ...(body !== undefined && { body }) })
  if (encoded !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`expected a stream with a body to have a method such as POST, got ${method}`)
  }
  return { method, encoded }
}
