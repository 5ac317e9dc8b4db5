import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'

/** Takes the messages that are read in place. */
export interface FrameTaker {
  /** Number of messages, pings and pongs that the library has read. It does so as soon as it has their bytes, unless they are flawed. */
  readonly readByLibrary: number
  /** The bytes of a message of text, which came in one frame. Returns false if it wants the text. */
  plain(chunk: Buffer, start: number, end: number): boolean
  /** The text of such a message. */
  text(text: string, bytes: number): void
  /** All bytes that have come together are read. */
  done(): void
}

/** The first octet of a whole message of text, not compressed. */
const WHOLE_TEXT = 0x81
const FIN = 0x80
const OPCODE = 0x0f
const CONTINUATION = 0
const LAST_OF_DATA = 0x07
const CLOSE = 0x08
const LENGTH = 0x7f
/** Lengths that stand for a length of two and of eight bytes behind them. */
const IN_TWO = 126
const IN_EIGHT = 127
const LONGEST_HEAD_BYTES = 10
const NO_HEAD = Buffer.alloc(0)
const PONG = 0x0a
const REPLACEMENT = '\ufffd'

/**
 * Reads whole messages of text in place: most sockets receive nothing else. All other frames go to a library, which makes a buffer and an event
 * for each of them. The library also finds whatever is wrong, and reads everything from then on.
 */
export class PlainFrames {
  readonly #taker: FrameTaker
  readonly #rest: (bytes: Buffer) => void
  /** Head of a frame for the library, as far as it has come; made for the first one, because many sockets are idle. */
  #head = NO_HEAD
  #headBytes = 0
  /** Bytes of the payload of that frame that are still to come. */
  #missingBytes = 0
  /** Whether the library tells about that frame once it is complete. */
  #isAnnounced = false
  /** Whether a message in several frames has begun. */
  #isFragmented = false
  #isClosing = false
  #isOver = false
  /** Whether the library reads everything that follows. */
  #isLeft = false
  /** Number of messages, pings and pongs that were left to the library. */
  #leftCount = 0

  /** @param rest takes the bytes of all other frames, in order and in whole or in parts, which are overwritten after the call */
  constructor(taker: FrameTaker, rest: (bytes: Buffer) => void) {
    this.#taker = taker
    this.#rest = rest
  }

  /** Reads no more: the socket is closed, or broken. */
  end(): void {
    this.#isOver = true
  }

  read(chunk: Buffer): void {
    this.#readAll(chunk)
    this.#taker.done()
  }

  #readAll(chunk: Buffer): void {
    const { length } = chunk
    let at = 0
    let restAt = 0
    while (at < length && !this.#isLeft) {
      if (this.#isOver) return
      if (this.#missingBytes === 0 && this.#headBytes === 0 && chunk[at] === WHOLE_TEXT && !this.#isFragmented) {
        const payloadAt = at + (chunk[at + 1] === IN_TWO ? 4 : 2)
        const end = payloadAt + shortLength(chunk, at)
        // It is false for a length that is not here, too.
        if (end <= length) {
          if (restAt < at) {
            this.#pass(chunk, restAt, at)
            restAt = at
            if (this.#isLeft || this.#isOver) continue
          }
          if (this.#taker.plain(chunk, payloadAt, end)) {
            at = restAt = end
            continue
          }
          const text = chunk.toString('utf8', payloadAt, end)
          // Text that is not UTF-8 has such characters once it is decoded, but other text may have them, too.
          if (!text.includes(REPLACEMENT) || isUtf8(chunk.subarray(payloadAt, end))) {
            this.#taker.text(text, end - payloadAt)
            at = restAt = end
            continue
          }
        }
      }
      at = this.#skip(chunk, at)
      if (this.#isClosing && this.#missingBytes === 0) {
        // Whatever follows a close frame means nothing.
        this.#isOver = true
        return this.#pass(chunk, restAt, at)
      }
    }
    if (this.#isOver) return
    if (restAt < length) this.#pass(chunk, restAt, length)
  }

  #pass(chunk: Buffer, start: number, end: number): void {
    this.#rest(chunk.subarray(start, end))
    if (this.#leftCount !== this.#taker.readByLibrary) this.#isLeft = true
  }

  /** Returns the offset behind what is here of a frame for the library. */
  #skip(chunk: Buffer, start: number): number {
    let at = start
    if (this.#missingBytes === 0) {
      if (this.#head === NO_HEAD) this.#head = Buffer.allocUnsafe(LONGEST_HEAD_BYTES)
      while (at < chunk.length && this.#headBytes < headLength(this.#head, this.#headBytes)) {
        this.#head[this.#headBytes] = chunk[at]!
        this.#headBytes += 1
        at += 1
      }
      if (this.#headBytes < headLength(this.#head, this.#headBytes)) return at
      this.#begin()
    }
    const skipped = Math.min(this.#missingBytes, chunk.length - at)
    this.#missingBytes -= skipped
    if (this.#missingBytes === 0 && this.#isAnnounced) this.#leftCount += 1
    return at + skipped
  }

  /** A head is complete. */
  #begin(): void {
    const head = this.#head
    const opcode = head[0]! & OPCODE
    const isLast = (head[0]! & FIN) !== 0
    this.#headBytes = 0
    this.#missingBytes = payloadLength(head)
    this.#isAnnounced = isLast && opcode !== CLOSE && opcode <= PONG
    if (opcode === CLOSE) this.#isClosing = true
    else if (opcode <= LAST_OF_DATA) {
      if (opcode === CONTINUATION && !this.#isFragmented) this.#isLeft = true
      this.#isFragmented = !isLast
    } else if (!this.#isAnnounced) this.#isLeft = true
  }
}

/** Lets a taker read the frames of a socket that a library listens to. Its listener gets the rest. */
export function readPlainFrames(socket: Socket, taker: FrameTaker): PlainFrames | undefined {
  const [library, other] = socket.listeners('data')
  if (library === undefined || other !== undefined) return undefined
  const frames = new PlainFrames(taker, bytes => void Reflect.apply(library, socket, [bytes]))
  const read = (chunk: Buffer) => frames.read(chunk)
  socket.off('data', library as (chunk: Buffer) => void)
  socket.on('data', read)
  // The library reads what is left by itself.
  socket.prependOnceListener('close', () => socket.off('data', read))
  return frames
}

/** Returns the length of a frame without a mask and of less than 64 KiB; NaN for another, or if it is not here. */
function shortLength(bytes: Buffer, start: number): number {
  const length = bytes[start + 1]!
  if (length < IN_TWO) return length
  return length === IN_TWO ? bytes[start + 2]! * 256 + bytes[start + 3]! : Number.NaN
}

/** Returns the length of a head of which this much is known. A mask is an error, so that it does not count. */
function headLength(head: Buffer, knownBytes: number): number {
  if (knownBytes < 2) return 2
  const length = head[1]! & LENGTH
  return length === IN_TWO ? 4 : length === IN_EIGHT ? LONGEST_HEAD_BYTES : 2
}

function payloadLength(head: Buffer): number {
  const length = head[1]! & LENGTH
  if (length < IN_TWO) return length
  return length === IN_TWO ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2))
}
