import { parseDuration } from '../../../../core/duration.ts'
import type { Sse, StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import { type Host, pathAt } from '../../address/hosts.ts'
import { checkRedirectMode } from '../../message/redirects.ts'
import { encodeEventId, shown } from '../../message/request-head.ts'
import type { SseDependencies } from '../dependencies.ts'
import { checkLiveOptions } from '../options.ts'
import { createFollowed } from '../reconnector.ts'
import { StreamConsumer } from './stream-consumer.ts'

/** Opens the streams of one user. */
export class SseClient implements Sse {
  readonly #dependencies: SseDependencies
  readonly #session: Session
  /** Streams that have not ended; created with the first one. */
  #streams: Set<StreamConsumer> | undefined
  #opened = 0

  constructor(dependencies: SseDependencies, session: Session) {
    this.#dependencies = dependencies
    this.#session = session
  }

  /** @throws TypeError or RangeError for invalid options. */
  open(path: string, options: StreamOptions = {}): AsyncIterable<StreamEvent> {
    check(options)
    const host = this.#dependencies.hosts.of(path)
    const wholePath = pathAt(host, path, options.query)
    return { [Symbol.asyncIterator]: () => this.#follow(host, wholePath, options) }
  }

  async *#follow(host: Host, wholePath: string, options: StreamOptions): AsyncGenerator<StreamEvent, void, undefined> {
    const { events: mostEvents = Number.POSITIVE_INFINITY } = options
    const consumer = new StreamConsumer(
      this.#dependencies,
      this.#session,
      { host, path: wholePath },
      options,
      this.#opened++,
    )
    const streams = (this.#streams ??= createFollowed(this.#session))
    streams.add(consumer)
    // A scenario may read it without waiting for it, so that nothing else would end it.
    this.#session.holdings.addKept(consumer)
    void consumer.done.then(() => {
      streams.delete(consumer)
      this.#session.holdings.delete(consumer)
    })
    try {
      for (let events = 0; events < mostEvents; events += 1) {
        const event = await consumer.next()
        if (event === undefined) return
        yield event
      }
    } finally {
      consumer.finish()
      await consumer.done
    }
  }
}

function check(options: StreamOptions): void {
  const { redirect, until, events, lastEventId } = options
  checkLiveOptions(options)
  checkRedirectMode(redirect)
  if (until !== undefined) parseDuration(until)
  if (events !== undefined && !(events >= 0)) throw new RangeError(`expected a number of events, got ${shown(events)}`)
  if (lastEventId !== undefined && lastEventId !== '' && encodeEventId(lastEventId) === undefined) {
    throw new TypeError(`expected lastEventId to be text that a header can carry, got ${shown(lastEventId)}`)
  }
}
