import { isAscii } from 'node:buffer'
import { StringDecoder } from 'node:string_decoder'
import { type EventSourceParser, createParser } from 'eventsource-parser'
import { isTextAt } from '../../../../core/text-at.ts'

/** One event of a stream, as the WHATWG standard defines it. */
export interface StreamMessage {
  /** `message` where the server names none. */
  type: string
  /** The last id that the stream has named, which may have come with an earlier event; '' for none. */
  id: string
  data: string
}

/** Where the data of a message is, as ASCII. The bytes are overwritten after the call that passes them on. */
export interface DataBytes {
  bytes: Buffer
  start: number
  end: number
}

export interface EventListener {
  /** @param data where its data is, for a listener that reads bytes; only of some messages. */
  message(message: StreamMessage, data?: DataBytes): void
  /** Called with the last id of the stream at the end of each block of lines, event or not. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

/** Longest event, and longest line, in characters. */
const LONGEST_EVENT = 8 * 1024 * 1024

/** An event or a line is longer than the parser accepts. */
export class EventTooLong extends Error {}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DATA = Buffer.from('data:')
const EVENT = Buffer.from('event:')
const ID = Buffer.from('id:')
const BLOCK_END = '\n\n'

/**
 * Parses an event stream that is split anywhere, from text or from bytes. An id stays with the events that follow it, as in browsers.
 *
 * Most streams consist of blocks of ASCII with one line of data, and perhaps one id and one type. Those that are complete within a chunk of
 * bytes are read in place; the library reads everything else.
 */
export class EventParser {
  readonly #parser: EventSourceParser
  readonly #listener: EventListener
  readonly #decoder = new StringDecoder('utf8')
  readonly #data: DataBytes = { bytes: DATA, start: 0, end: 0 }
  /** Whether a block begins with the next byte, and nothing of an earlier one is kept. */
  #isBetweenBlocks = false
  #id: string
  /** Length of the unfinished line. The parser's own limit does not cover lines that it ignores. */
  #openLineLength = 0

  /** @param lastEventId id after which the stream resumes; '' for none. */
  constructor(listener: EventListener, lastEventId: string) {
    this.#id = lastEventId
    this.#listener = listener
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

  /** Reads UTF-8. @throws EventTooLong */
  read(chunk: Buffer): void {
    if (!isAscii(chunk) || chunk.includes(CR) || chunk.includes(0)) return this.#feedBytes(chunk)
    let start = 0
    if (!this.#isBetweenBlocks) {
      const at = chunk.indexOf(BLOCK_END)
      if (at === -1) return this.#feedBytes(chunk)
      start = at + BLOCK_END.length
      this.#feedBytes(chunk.subarray(0, start))
    }
    const text = chunk.toString('latin1')
    const end = this.#readBlocks(chunk, text, start)
    if (end === text.length) return
    this.#isBetweenBlocks = false
    this.feed(text.slice(end))
  }

  /** @throws EventTooLong */
  feed(text: string): void {
    this.#parser.feed(text)
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'))
    this.#openLineLength = end === -1 ? this.#openLineLength + text.length : text.length - end - 1
    if (this.#openLineLength > LONGEST_EVENT) throw tooLong()
  }

  #feedBytes(chunk: Buffer): void {
    this.feed(this.#decoder.write(chunk))
    const { length } = chunk
    if (length > 0) this.#isBetweenBlocks = length > 1 && chunk[length - 1] === LF && chunk[length - 2] === LF
  }

  /** Reads the blocks that are complete. Returns the offset behind the last one. @param text of the bytes, which are ASCII */
  #readBlocks(bytes: Buffer, text: string, start: number): number {
    let blockStart = start
    for (;;) {
      let type = ''
      let id: string | undefined
      let dataStart = -1
      let dataEnd = 0
      let isPlain = true
      let at = blockStart
      for (;;) {
        const lineEnd = text.indexOf('\n', at)
        if (lineEnd === -1) return blockStart
        if (lineEnd === at) break
        if (dataStart === -1 && isTextAt(bytes, at, DATA)) {
          dataStart = valueAt(bytes, at + DATA.length)
          dataEnd = lineEnd
        } else if (isTextAt(bytes, at, EVENT)) type = text.slice(valueAt(bytes, at + EVENT.length), lineEnd)
        else if (isTextAt(bytes, at, ID)) id = text.slice(valueAt(bytes, at + ID.length), lineEnd)
        else isPlain = false
        at = lineEnd + 1
      }
      const blockEnd = at + 1
      if (isPlain) {
        if (id !== undefined) this.#listener.lastEventId((this.#id = id))
        if (dataStart !== -1) {
          const place = this.#data
          place.bytes = bytes
          place.start = dataStart
          place.end = dataEnd
          this.#listener.message({ type: type || 'message', id: this.#id, data: text.slice(dataStart, dataEnd) }, place)
        }
      } else this.feed(text.slice(blockStart, blockEnd))
      blockStart = blockEnd
    }
  }
}

/** Returns where the value of a field begins: one space in front of it is left out. */
function valueAt(bytes: Buffer, start: number): number {
  return bytes[start] === SPACE ? start + 1 : start
}

function tooLong(): EventTooLong {
  return new EventTooLong(`expected events of at most ${LONGEST_EVENT} characters, got a longer one`)
}
