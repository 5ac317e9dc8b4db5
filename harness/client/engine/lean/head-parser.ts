import { LARGEST_HEAD_BYTES } from '../engine.ts'
import { FieldBlock } from './field-block.ts'
import { malformed, MalformedResponse } from './malformed-response.ts'
import { COLON, CR, LF, SPACE, TAB, TEXT, TOKEN } from './octet-classes.ts'

const DIGIT_ZERO = 0x30
const PREFIX = Buffer.from('HTTP/1.')
/** Offsets in the first line: `HTTP/1.1 200 OK`. */
const STATUS_AT = 9
const STATUS_END = STATUS_AT + 3
const SLOWEST_GROWTH_BYTES = 4096

const CONNECTION = Buffer.from('connection')
const SET_COOKIE = Buffer.from('set-cookie')
const KEEP_ALIVE = Buffer.from('keep-alive')
const CONTENT_LENGTH = Buffer.from('content-length')
const TRANSFER_ENCODING = Buffer.from('transfer-encoding')

/** Larger lengths are no longer exact numbers. */
const MOST_DIGITS = 15

/** Returned instead of an offset while a head is incomplete. */
export const INCOMPLETE = -1

/**
 * Reads the head of a response, however its bytes are split, and no byte twice. It knows what decides about the body and the connection; the
 * other fields stay bytes. Stricter than RFC 9112 requires of a recipient: lines end with CRLF only, there are no folded fields, and
 * each field that frames the body comes once.
 */
export class HeadParser {
  /** 0 until the first line is complete. */
  status = 0
  minorVersion = 1
  /** Undefined without a `Content-Length`. */
  contentLength: number | undefined
  isChunked = false
  /** Options of `Connection`. */
  closes = false
  keepsAlive = false
  /** Seconds of `Keep-Alive: timeout=…`; undefined without. */
  keepAliveSeconds: number | undefined
  /** The fields, once the head is complete. */
  fields: FieldBlock | undefined

  /** Bytes of an incomplete head. */
  #held: Buffer | undefined
  #heldBytes = 0
  /** Offsets from the start of the head: what was scanned, where the line begins, and where the fields begin. */
  #at = 0
  #lineStart = 0
  #fieldsStart = 0
  #setsCookies = false

  /** Number of bytes of the incomplete head. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Starts over with another head. */
  restart(): void {
    this.status = 0
    this.contentLength = undefined
    this.isChunked = false
    this.closes = false
    this.keepsAlive = false
    this.keepAliveSeconds = undefined
    this.fields = undefined
    this.#setsCookies = false
    this.#heldBytes = 0
    this.#at = 0
    this.#lineStart = 0
  }

  /**
   * Reads on. Returns the offset behind the head, or INCOMPLETE if all bytes belong to it and more must follow.
   * @throws MalformedResponse
   */
  read(bytes: Buffer, start: number, end: number): number {
    if (this.#heldBytes === 0) {
      const headEnd = this.#scan(bytes, start, end)
      if (headEnd === INCOMPLETE) this.#hold(bytes, start, end)
      return headEnd
    }
    const before = this.#heldBytes
    const held = this.#hold(bytes, start, end)
    const headEnd = this.#scan(held, 0, this.#heldBytes)
    return headEnd === INCOMPLETE ? INCOMPLETE : start + headEnd - before
  }

  #hold(bytes: Buffer, start: number, end: number): Buffer {
    const before = this.#heldBytes
    const after = before + end - start
    // A head that is longer may still be complete within the limit, but nobody sends one of nearly that length.
    if (after > LARGEST_HEAD_BYTES + bytes.length)
      throw new MalformedResponse(`expected a head of at most ${LARGEST_HEAD_BYTES} bytes, got more`)
    let held = this.#held
    if (held === undefined || held.length < after) {
      const larger = Buffer.allocUnsafeSlow(Math.max(SLOWEST_GROWTH_BYTES, 2 * after))
      held?.copy(larger, 0, 0, before)
      this.#held = held = larger
    }
    bytes.copy(held, before, start, end)
    this.#heldBytes = after
    return held
  }

  /** Scans the lines of a head that begins at `base`. */
  #scan(bytes: Buffer, base: number, end: number): number {
    let at = base + this.#at
    let lineStart = base + this.#lineStart
    for (;;) {
      while (at < end && TEXT[bytes[at]!] === 1) at += 1
      // A line feed must follow, so the carriage return is looked at again.
      if (at + 1 >= end && (at === end || bytes[at] === CR)) break
      if (bytes[at] !== CR || bytes[at + 1] !== LF)
        throw malformed('lines of text that end with CRLF', bytes, lineStart, Math.min(end, at + 2))
      if (this.status === 0) {
        // An empty line before a response is a leftover of the last one, which all clients skip.
        if (at > lineStart) this.#readStatusLine(bytes, lineStart, at)
        this.#fieldsStart = at + 2 - base
      } else if (at > lineStart) {
        this.#readField(bytes, lineStart, at)
      } else {
        return this.#complete(bytes, base, at)
      }
      at += 2
      lineStart = at
    }
    if (this.status === 0) checkPrefix(bytes, lineStart, at)
    if (at - base > LARGEST_HEAD_BYTES)
      throw new MalformedResponse(`expected a head of at most ${LARGEST_HEAD_BYTES} bytes, got more`)
    this.#at = at - base
    this.#lineStart = lineStart - base
    return INCOMPLETE
  }

  #complete(bytes: Buffer, base: number, at: number): number {
    if (at - base > LARGEST_HEAD_BYTES)
      throw new MalformedResponse(`expected a head of at most ${LARGEST_HEAD_BYTES} bytes, got ${at - base}`)
    // A proxy that forwards one of the two disagrees with a client that reads the other (RFC 9112 §6.1).
    if (this.isChunked && this.contentLength !== undefined)
      throw new MalformedResponse('expected one of Content-Length and Transfer-Encoding, got both')
    if (this.isChunked && this.minorVersion === 0)
      throw new MalformedResponse('expected no Transfer-Encoding in a response of HTTP/1.0, which has none, got one')
    this.fields = new FieldBlock(bytes.toString('latin1', base + this.#fieldsStart, at), this.#setsCookies)
    return at + 2
  }

  #readStatusLine(bytes: Buffer, start: number, end: number): void {
    checkPrefix(bytes, start, end)
    const minor = bytes[start + PREFIX.length]! - DIGIT_ZERO
    const hundreds = bytes[start + STATUS_AT]! - DIGIT_ZERO
    const tens = bytes[start + STATUS_AT + 1]! - DIGIT_ZERO
    const ones = bytes[start + STATUS_AT + 2]! - DIGIT_ZERO
    const isSound =
      end - start >= STATUS_END &&
      (minor === 0 || minor === 1) &&
      bytes[start + STATUS_AT - 1] === SPACE &&
      isDigit(hundreds) &&
      isDigit(tens) &&
      isDigit(ones) &&
      // Many servers leave out the space with an empty reason.
      (end - start === STATUS_END || bytes[start + STATUS_END] === SPACE)
    const status = hundreds * 100 + tens * 10 + ones
    if (!isSound || status === 0) throw malformed('a first line such as HTTP/1.1 200 OK', bytes, start, end)
    this.status = status
    this.minorVersion = minor
  }

  #readField(bytes: Buffer, start: number, end: number): void {
    let colon = start
    while (TOKEN[bytes[colon]!] === 1) colon += 1
    if (bytes[colon] !== COLON || colon === start)
      throw malformed('a field such as Content-Type: text/plain, on one line', bytes, start, end)
    switch (colon - start) {
      case 10:
        if (isName(bytes, start, CONNECTION)) this.#readConnection(bytes.toString('latin1', colon + 1, end))
        else if (isName(bytes, start, SET_COOKIE)) this.#setsCookies = true
        else if (isName(bytes, start, KEEP_ALIVE)) this.#readKeepAlive(bytes.toString('latin1', colon + 1, end))
        break
      case 14:
        if (isName(bytes, start, CONTENT_LENGTH)) this.#readContentLength(bytes, colon + 1, end)
        break
      case 17:
        if (isName(bytes, start, TRANSFER_ENCODING))
          this.#readTransferEncoding(bytes.toString('latin1', colon + 1, end))
    }
  }

  #readConnection(value: string): void {
    for (const option of value.split(',')) {
      const name = option.trim().toLowerCase()
      if (name === 'close') this.closes = true
      else if (name === 'keep-alive') this.keepsAlive = true
    }
  }

  #readKeepAlive(value: string): void {
    const seconds = /(?:^|[,\s])timeout\s*=\s*"?(\d{1,9})/i.exec(value)?.[1]
    if (seconds !== undefined) this.keepAliveSeconds = Number(seconds)
  }

  #readContentLength(bytes: Buffer, start: number, end: number): void {
    let at = start
    let last = end
    while (isPadding(bytes[at]!)) at += 1
    while (last > at && isPadding(bytes[last - 1]!)) last -= 1
    let length = 0
    for (let digit = at; digit < last; digit += 1) {
      const value = bytes[digit]! - DIGIT_ZERO
      if (!isDigit(value)) throw malformed('digits as the Content-Length', bytes, at, last)
      length = length * 10 + value
    }
    if (last === at || last - at > MOST_DIGITS)
      throw malformed(`1 to ${MOST_DIGITS} digits as the Content-Length`, bytes, at, last)
    // Even the same length twice: a list of them is what a proxy makes of two responses.
    if (this.contentLength !== undefined) throw new MalformedResponse('expected one Content-Length, got several')
    this.contentLength = length
  }

  #readTransferEncoding(value: string): void {
    // The client offers no other coding (`TE`), so that a server may use no other.
    if (this.isChunked || value.trim().toLowerCase() !== 'chunked')
      throw new MalformedResponse(
        `expected chunked once as the Transfer-Encoding, got ${JSON.stringify((this.isChunked ? 'chunked,' : '') + value)}`,
      )
    this.isChunked = true
  }
}

/** @throws MalformedResponse as soon as these bytes cannot be those of a first line. */
function checkPrefix(bytes: Buffer, start: number, end: number): void {
  const last = Math.min(end - start, PREFIX.length)
  for (let at = 0; at < last; at += 1) {
    if (bytes[start + at] !== PREFIX[at])
      throw malformed('a response of HTTP/1.1 or HTTP/1.0', bytes, start, Math.max(end, start + 1))
  }
}

/** Tells whether the token at `start` is this name in any case. */
function isName(bytes: Buffer, start: number, lowerCased: Buffer): boolean {
  for (let at = 0; at < lowerCased.length; at += 1) {
    // This bit is the case of a letter, and the hyphen has it already.
    if ((bytes[start + at]! | 0x20) !== lowerCased[at]) return false
  }
  return true
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9
}

function isPadding(octet: number): boolean {
  return octet === SPACE || octet === TAB
}
