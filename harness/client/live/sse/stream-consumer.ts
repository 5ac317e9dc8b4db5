import type { DeliveredEvent } from '../../../../contract/api/events.ts'
import { type LaggedFrame, type ResetFrame, controlFrames } from '../../../../contract/streams.ts'
import { parseDuration } from '../../../../core/duration.ts'
import { StreamDelivery } from '../../../delivery/stream-delivery.ts'
import type { StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import type { Route } from '../../address/routes.ts'
import { tenantOf } from '../../message/request-head.ts'
import { parsedIfJson } from '../../message/content.ts'
import type { CountedConsumer } from '../consumers.ts'
import type { SseDependencies } from '../dependencies.ts'
import { Inbox } from '../inbox.ts'
import { ReadingPace } from '../pace.ts'
import type { StreamMessage } from './event-parser.ts'
import { ReconnectingStream } from './reconnecting-stream.ts'

/** One `sse.open` of a scenario. It receives events over one or more connections under one key, and counts, checks and delivers them. */
export class StreamConsumer {
  readonly #dependencies: SseDependencies
  readonly #session: Session
  readonly #route: Route
  readonly #account: CountedConsumer
  readonly #delivery: StreamDelivery
  readonly #stream: ReconnectingStream
  readonly #pace: ReadingPace
  readonly #inbox: Inbox<StreamEvent>
  readonly #ended = new AbortController()
  readonly #done: Promise<void>

  /** @param ordinal of this stream among all that its user opens. */
  constructor(
    dependencies: SseDependencies,
    session: Session,
    wholePath: string,
    options: StreamOptions,
    ordinal: number,
  ) {
    this.#dependencies = dependencies
    this.#session = session
    this.#route = dependencies.routes.of('GET', wholePath, options.name)
    this.#account = dependencies.consumers.of(session.exchanges.next())
    this.#delivery = new StreamDelivery({
      clock: dependencies.clock,
      recorder: session.recorder,
      tagsOf: stream => dependencies.tags.ofStream(session, this.#route, { stream }),
      fanOut: dependencies.fanOut,
      tenant: tenantOf(options.headers),
      ordered: !hasHolesByDesign(wholePath),
    })
    const { key } = this.#account
    const random = session.random.fork('sse', ordinal)
    const stream = { session, route: this.#route, path: wholePath, address: wholePath, key, random, options }
    this.#stream = new ReconnectingStream(dependencies, stream, {
      opened: () => {
        dependencies.consumers.open(this.#account)
        this.#pace.renewed()
      },
      message: message => this.#receive(message),
    })
    this.#pace = new ReadingPace(this.#stream, dependencies.clock, options.readRate)
    this.#inbox = new Inbox(this.#pace)
    this.#done = this.#run(options)
  }

  /** Resolves with the next event, or undefined at the end of the stream. @throws StreamError when it cannot be followed. */
  next(): Promise<StreamEvent | undefined> {
    return this.#inbox.next()
  }

  /** Ends the stream, and waits until all that the server sent has been received and counted. */
  end(): Promise<void> {
    this.#finish()
    return this.#done
  }

  async #run({ until }: StreamOptions): Promise<void> {
    const { stopping, interrupted } = this.#session
    const finish = () => this.#finish()
    const destroy = () => this.#stream.destroy()
    // A scenario that opens streams in a loop must not block the event loop once the run is over.
    if (stopping.aborted) await this.#dependencies.clock.sleep(0).then(finish)
    stopping.addEventListener('abort', finish, { once: true })
    interrupted.addEventListener('abort', destroy, { once: true })
    if (until !== undefined) void this.#dependencies.clock.sleep(parseDuration(until), this.#ended.signal).then(finish)
    try {
      await this.#stream.run()
      this.#inbox.end()
    } catch (error) {
      this.#inbox.end(error as Error)
    } finally {
      this.#ended.abort()
      this.#pace.end()
      this.#delivery.end()
      stopping.removeEventListener('abort', finish)
      interrupted.removeEventListener('abort', destroy)
    }
  }

  /** Ends the stream. Events that still arrive are counted and measured, but not delivered. */
  #finish(): void {
    this.#inbox.discard()
    this.#stream.finish()
  }

  #receive({ type, id, data }: StreamMessage): void {
    this.#pace.read()
    const content = parsedIfJson(data)
    const frame = objectIn(content)
    if (type === controlFrames.lagged && frame?.dropped !== undefined) return
    if (type === controlFrames.reset && typeof frame?.cursor === 'string') return this.#reset(frame.cursor)
    this.#account.received += 1
    if (frame !== undefined) this.#delivery.received(frame as DeliveredEvent)
    else if (this.#isOurs) return this.#misunderstood(data)
    else this.#delivery.receivedUnplaced()
    this.#inbox.push({ type, id, data, event: content as DeliveredEvent }, data.length)
  }

  /** The events of a Loadcell target are JSON objects. Other servers may send anything. */
  get #isOurs(): boolean {
    const { operation } = this.#route
    return operation !== undefined && operation !== 'unmatched'
  }

  #reset(cursor: string): void {
    this.#session.recorder.add('sse_resets', this.#dependencies.tags.ofStream(this.#session, this.#route))
    this.#delivery.end()
    this.#stream.continueAfter(cursor)
  }

  #misunderstood(data: string): void {
    const { recorder } = this.#session
    recorder.add('sse_events', this.#dependencies.tags.ofStream(this.#session, this.#route))
    const example = `expected an event as a JSON object, got ${data.slice(0, 100)}`
    recorder.fail({ reason: 'body', name: this.#route.name, example })
  }
}

function objectIn(content: unknown): Partial<ResetFrame & LaggedFrame> | undefined {
  return typeof content === 'object' && content !== null ? content : undefined
}

/** A filter by type leaves holes in the offsets of a partition, and so does a group whose partitions move. */
function hasHolesByDesign(path: string): boolean {
  const query = new URLSearchParams(path.split('?')[1])
  return query.has('event_type') || query.has('consumer_group')
}
