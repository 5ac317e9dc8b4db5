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
  /** Called with the last id of the stream at the end of each block of lines, event or not. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

/** Most characters of an event, or of a line. */
const LONGEST_EVENT = 8 * 1024 * 1024

/** An event is longer than the parser accepts. */
export class EventTooLong extends Error {}

/**
 * Parses an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream) from text
 * that is split anywhere. The start of a line is joined once, when its end comes.
 */
export class EventParser {
  readonly #listener: EventListener
  #atStart = true
  /** True after a CR: a LF that follows belongs to it. */
  #endedWithCr = false
  #line = ''
  #id: string
  #type = ''
  #data: string | undefined

  /** @param lastEventId that the stream goes on from; '' for none. */
  constructor(listener: EventListener, lastEventId: string) {
    this.#listener = listener
    this.#id = lastEventId
  }

  /** Resumes after this id instead of the last event. */
  continueAfter(id: string): void {
    this.#id = id
  }

  /** @throws EventTooLong */
  feed(text: string): void {
    if (text === '') return
    let start = this.#startOf(text)
    let cr = text.indexOf('\r', start)
    let lf = text.indexOf('\n', start)
    while (cr !== -1 || lf !== -1) {
      const endsWithCr = cr !== -1 && (lf === -1 || cr < lf)
      const end = endsWithCr ? cr : lf
      this.#endLine(text.slice(start, end))
      start = end + 1
      if (!endsWithCr) {
        lf = text.indexOf('\n', start)
        continue
      }
      if (start === text.length) this.#endedWithCr = true
      else if (text[start] === '\n') start += 1
      cr = text.indexOf('\r', start)
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start)
    }
    this.#line += text.slice(start)
    this.#bound()
  }

  /** Returns the offset behind a byte order mark, or behind the rest of the previous line's end. */
  #startOf(text: string): number {
    const marked = this.#atStart && text.startsWith('\ufeff')
    const continued = this.#endedWithCr && text.startsWith('\n')
    this.#atStart = false
    this.#endedWithCr = false
    return marked || continued ? 1 : 0
  }

  #bound(): void {
    if (this.#line.length + (this.#data?.length ?? 0) <= LONGEST_EVENT) return
    throw new EventTooLong(`expected events of at most ${LONGEST_EVENT} characters, got a longer one`)
  }

  #endLine(end: string): void {
    const line = this.#line + end
    this.#line = ''
    if (line === '') return this.#endBlock()
    const colon = line.indexOf(':')
    // A comment.
    if (colon === 0) return
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    this.#field(name, value)
  }

  #field(name: string, value: string): void {
    switch (name) {
      case 'data':
        this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
        return this.#bound()
      case 'event':
        this.#type = value
        return
      case 'id':
        if (!value.includes('\0')) this.#id = value
        return
      case 'retry':
        if (/^\d+$/.test(value)) this.#listener.retry(Number(value))
        return
    }
  }

  /** Ends a block of lines. Without data it is not an event. */
  #endBlock(): void {
    const data = this.#data
    const type = this.#type === '' ? 'message' : this.#type
    this.#data = undefined
    this.#type = ''
    this.#listener.lastEventId(this.#id)
    if (data !== undefined) this.#listener.message({ type, id: this.#id, data })
  }
}
