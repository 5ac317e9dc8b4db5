import { LARGEST_HEAD_BYTES } from '../engine.ts'
import { malformed, MalformedResponse } from './malformed-response.ts'
import { COLON, CR, HEX, LF, SEMICOLON, SPACE, TAB, TEXT, TOKEN } from './octet-classes.ts'

/** Twelve digits are 256 TiB, and still an exact number. */
const MOST_DIGITS = 12
/** Limit of the extensions of one chunk, which nobody reads. */
const MOST_EXTENSION_BYTES = 16 * 1024

/** Where the parser is. Constants, because the parser compares them for every byte of a size. */
const SIZE = 0
const BEFORE_EXTENSION = 1
const EXTENSION = 2
const SIZE_LF = 3
const DATA = 4
const DATA_CR = 5
const DATA_LF = 6
const TRAILER_START = 7
const TRAILER_NAME = 8
const TRAILER_VALUE = 9
const TRAILER_LF = 10
const END_LF = 11
const END = 12

/** Reads a body in chunks (RFC 9112 §7.1), however its bytes are split. Extensions and trailers are checked and dropped. */
export class ChunkParser {
  /** Data that the next bytes are: where it begins and ends after a `read` that returned true. */
  dataStart = 0
  dataEnd = 0
  #state = SIZE
  #digits = 0
  /** Bytes of the chunk that are still to come, or the size read so far. */
  #left = 0
  #extensionBytes = 0
  #trailerBytes = 0

  get isComplete(): boolean {
    return this.#state === END
  }

  /** Starts over with another body. */
  restart(): void {
    this.#state = SIZE
    this.#digits = 0
    this.#left = 0
    this.#trailerBytes = 0
  }

  /**
   * Reads up to the next data or the end of the body. Returns whether there is data; then `dataEnd` is where to read on. Otherwise
   * `dataEnd` is the end of the bytes, or the offset behind the body.
   * @throws MalformedResponse
   */
  read(bytes: Buffer, start: number, end: number): boolean {
    let at = start
    for (; at < end && this.#state !== END; at += 1) {
      if (this.#state === DATA) {
        const size = Math.min(this.#left, end - at)
        this.#left -= size
        if (this.#left === 0) this.#state = DATA_CR
        this.dataStart = at
        this.dataEnd = at + size
        return true
      }
      this.#state = this.#after(bytes, at)
    }
    this.dataEnd = at
    return false
  }

  /** Returns the state after this byte. */
  #after(bytes: Buffer, at: number): number {
    const octet = bytes[at]!
    switch (this.#state) {
      case SIZE:
        return this.#afterSize(bytes, at)
      case BEFORE_EXTENSION:
        // White space stands only before an extension.
        if (octet === SPACE || octet === TAB) return this.#afterExtension(BEFORE_EXTENSION)
        if (octet === SEMICOLON) return this.#afterExtension(EXTENSION)
        throw wrong('a semicolon or CRLF after the size of a chunk', bytes, at)
      case EXTENSION:
        if (octet === CR) return SIZE_LF
        if (TEXT[octet] === 1) return this.#afterExtension(EXTENSION)
        throw wrong('text as the extension of a chunk', bytes, at)
      case SIZE_LF:
        if (octet !== LF) throw wrong('CRLF after the size of a chunk', bytes, at)
        this.#digits = 0
        return this.#left === 0 ? TRAILER_START : DATA
      case DATA_CR:
        if (octet === CR) return DATA_LF
        throw wrong('CRLF after the data of a chunk', bytes, at)
      case DATA_LF:
        if (octet === LF) return SIZE
        throw wrong('CRLF after the data of a chunk', bytes, at)
      default:
        return this.#afterTrailer(bytes, at)
    }
  }

  #afterSize(bytes: Buffer, at: number): number {
    const octet = bytes[at]!
    const digit = HEX[octet]!
    if (digit !== 255) {
      this.#digits += 1
      if (this.#digits > MOST_DIGITS) throw wrong(`a chunk size of at most ${MOST_DIGITS} digits`, bytes, at)
      this.#left = this.#left * 16 + digit
      return SIZE
    }
    if (this.#digits === 0) throw wrong('the size of a chunk in hexadecimal digits', bytes, at)
    this.#extensionBytes = 0
    if (octet === CR) return SIZE_LF
    if (octet === SEMICOLON) return EXTENSION
    if (octet === SPACE || octet === TAB) return BEFORE_EXTENSION
    throw wrong('a semicolon or CRLF after the size of a chunk', bytes, at)
  }

  #afterExtension(state: number): number {
    this.#extensionBytes += 1
    if (this.#extensionBytes <= MOST_EXTENSION_BYTES) return state
    throw new MalformedResponse(`expected extensions of a chunk of at most ${MOST_EXTENSION_BYTES} bytes, got more`)
  }

  #afterTrailer(bytes: Buffer, at: number): number {
    const octet = bytes[at]!
    this.#trailerBytes += 1
    if (this.#trailerBytes > LARGEST_HEAD_BYTES)
      throw new MalformedResponse(`expected trailers of at most ${LARGEST_HEAD_BYTES} bytes, got more`)
    switch (this.#state) {
      case TRAILER_START:
        if (octet === CR) return END_LF
        if (TOKEN[octet] === 1) return TRAILER_NAME
        throw wrong('a trailer such as Expires: 0, or CRLF', bytes, at)
      case TRAILER_NAME:
        if (octet === COLON) return TRAILER_VALUE
        if (TOKEN[octet] === 1) return TRAILER_NAME
        throw wrong('a trailer such as Expires: 0', bytes, at)
      case TRAILER_VALUE:
        if (octet === CR) return TRAILER_LF
        if (TEXT[octet] === 1) return TRAILER_VALUE
        throw wrong('text in a trailer', bytes, at)
      case TRAILER_LF:
        if (octet === LF) return TRAILER_START
        throw wrong('CRLF after a trailer', bytes, at)
      default:
        if (octet === LF) return END
        throw wrong('CRLF after the trailers', bytes, at)
    }
  }
}

function wrong(expected: string, bytes: Buffer, at: number): MalformedResponse {
  return malformed(expected, bytes, at, Math.min(bytes.length, at + 1))
}
