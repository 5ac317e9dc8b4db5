import { type EventSourceParser, createParser } from 'eventsource-parser'

/** One event of a stream, as the WHATWG standard has it. */
export interface StreamMessage {
  /** `message` where the server names none. */
  type: string
  /** The last id that the stream has named, which may have come with an earlier event; '' for none. */
  id: string
  data: string
}

export interface EventListener {
  message(message: StreamMessage): void
  /** The stream has named its last id, at the end of a block of lines that need not be an event. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

/** Characters that one event may have, or one line. */
const LONGEST_EVENT = 8 * 1024 * 1024

/** A server never came to the end of an event, or of a line. */
export class EventTooLong extends Error {}

/** Parses an event stream from text that is split anywhere. An id stays with the events that follow it, as in browsers. */
export class EventParser {
  readonly #parser: EventSourceParser
  #id: string
  /** Of the line whose end has not come. The parser keeps nothing of one that it ignores, so it does not bound it either. */
  #openLineLength = 0

  /** @param lastEventId that the stream goes on from; '' for none. */
  constructor(listener: EventListener, lastEventId: string) {
    this.#id = lastEventId
    this.#parser = createParser({
      maxBufferSize: LONGEST_EVENT,
      onId: id => {
        this.#id = id
        listener.lastEventId(id)
      },
      onEvent: ({ event: type = 'message', data }) => listener.message({ type, id: this.#id, data }),
      onRetry: retryMs => listener.retry(retryMs),
      onError: ({ type }) => {
        // Other errors are fields that the standard ignores.
        if (type === 'max-buffer-size-exceeded') throw tooLong()
      },
    })
  }

  /** The stream goes on from another place than its last event. */
  continueAfter(id: string): void {
    this.#id = id
  }

  /** @throws EventTooLong */
  feed(text: string): void {
    this.#parser.feed(text)
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'))
    this.#openLineLength = end === -1 ? this.#openLineLength + text.length : text.length - end - 1
    if (this.#openLineLength > LONGEST_EVENT) throw tooLong()
  }
}

function tooLong(): EventTooLong {
  return new EventTooLong(`expected events of at most ${LONGEST_EVENT} characters, got a longer one`)
}
