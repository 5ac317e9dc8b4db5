import { parseDuration } from '../../../../core/duration.ts'
import type { Sse, StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import { jitterOf } from '../../timing/backoff.ts'
import { checkRedirectMode } from '../../message/redirects.ts'
import { checkLength, encodeEventId, encodeHeaders, shown } from '../../message/request-head.ts'
import { pathOn } from '../../address/target.ts'
import type { SseDependencies } from '../dependencies.ts'
import { parseReadRate } from '../pace.ts'
import { parseSilence } from '../silence.ts'
import { Consumer } from './consumer.ts'

/** One user's way to follow streams. */
export class SseClient implements Sse {
  readonly #parts: SseDependencies
  readonly #session: Session
  #opened = 0

  constructor(parts: SseDependencies, session: Session) {
    this.#parts = parts
    this.#session = session
  }

  /** @throws TypeError or RangeError for a stream that cannot be asked for. */
  open(path: string, options: StreamOptions = {}): AsyncIterable<StreamEvent> {
    check(options)
    const wholePath = pathOn(this.#parts.target, path, options.query)
    return { [Symbol.asyncIterator]: () => this.#follow(wholePath, options) }
  }

  async *#follow(wholePath: string, options: StreamOptions): AsyncGenerator<StreamEvent, void, undefined> {
    const { events: mostEvents = Number.POSITIVE_INFINITY } = options
    const consumer = new Consumer(this.#parts, this.#session, wholePath, options, this.#opened++)
    try {
      for (let events = 0; events < mostEvents; events += 1) {
        const event = await consumer.next()
        if (event === undefined) return
        yield event
      }
    } finally {
      await consumer.end()
    }
  }
}

/** Rejects an author's mistakes at once, while the caller can still catch them. */
function check({ jitter, silence, readRate, redirect, until, events, headers, lastEventId }: StreamOptions): void {
  checkRedirectMode(redirect)
  jitterOf(jitter)
  parseSilence(silence)
  if (readRate !== undefined) parseReadRate(readRate)
  if (until !== undefined) parseDuration(until)
  if (events !== undefined && !(events >= 0)) throw new RangeError(`expected a number of events, got ${shown(events)}`)
  checkLength(encodeHeaders(headers) ?? {}, 0)
  if (lastEventId !== undefined && lastEventId !== '' && encodeEventId(lastEventId) === undefined) {
    throw new TypeError(`expected lastEventId to be text that a header can carry, got ${shown(lastEventId)}`)
  }
}
