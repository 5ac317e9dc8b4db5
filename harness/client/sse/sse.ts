import type { Sse, StreamEvent, StreamOptions } from '../../context.ts'
import type { Session } from '../../user/session.ts'
import { jitterOf } from '../backoff.ts'
import { parseReadRate } from '../read-pace.ts'
import { checkRedirectMode } from '../redirects.ts'
import { parseSilence } from '../silence.ts'
import { Consumer } from './consumer.ts'
import type { SseParts } from './parts.ts'

/** One user's way to follow streams. */
export class SseClient implements Sse {
  readonly #parts: SseParts
  readonly #session: Session
  #opened = 0

  constructor(parts: SseParts, session: Session) {
    this.#parts = parts
    this.#session = session
  }

  open(path: string, options: StreamOptions = {}): AsyncIterable<StreamEvent> {
    jitterOf(options.jitter)
    parseSilence(options.silence)
    checkRedirectMode(options.redirect)
    if (options.readRate !== undefined) parseReadRate(options.readRate)
    return { [Symbol.asyncIterator]: () => this.#follow(path, options) }
  }

  async *#follow(path: string, options: StreamOptions): AsyncGenerator<StreamEvent, void, undefined> {
    const { events: mostEvents = Number.POSITIVE_INFINITY } = options
    const consumer = new Consumer(this.#parts, this.#session, path, options, this.#opened++)
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
