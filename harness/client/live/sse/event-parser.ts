import { type EventSourceParser, createParser } from 'eventsource-parser'

/** One event of a stream, as the WHATWG standard defines it. */
export interface StreamMessage {
  /** `message` where the server names none. */
  type: string
  /** The last id that the stream has named, which may have come with an earlier event; '' for none. */
  id: string
  data: string
}

export interface EventListener {
  message(message: StreamMessage): void
  /** Called with the last id of the stream at the end of each block of lines, event or not. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

/** Longest event, and longest line, in characters. */
const LONGEST_EVENT = 8 * 1024 * 1024

/** An event or a line is longer than the parser accepts. */
export class EventTooLong extends Error {}

/** Parses an event stream from text that is split anywhere. An id stays with the events that follow it, as in browsers. */
export class EventParser {
  readonly #parser: EventSourceParser
  #id: string
  /** Length of the unfinished line. The parser's own limit does not cover lines that it ignores. */
  #openLineLength = 0

  /** @param lastEventId id after which the stream resumes; '' for none. */
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

  /** Resumes after this id instead of the last event. */
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
