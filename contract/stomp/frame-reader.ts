import { isUtf8 } from 'node:buffer'
import { areEscaped, unescaped } from './escapes.ts'
import { StompFrame, type StompHeaders } from './frame.ts'
import type { StompVersion } from './version.ts'
import { quotedStart } from '../../core/quoted-start.ts'

/** Limits on one frame, so that a peer cannot make it endless. */
export interface FrameLimits {
  /** Maximum number of headers. */
  headers: number
  /** Maximum number of bytes of the command and the headers together. */
  headBytes: number
  bodyBytes: number
}

/** Bytes that are no frame of STOMP. Nothing after them can be read. */
export class FrameError extends Error {
  readonly kind: 'invalid' | 'too_large'

  constructor(kind: 'invalid' | 'too_large', message: string) {
    super(message)
    this.name = 'FrameError'
    this.kind = kind
  }
}

const [NUL, LF, CR] = [0, 10, 13]
const LEAST_CAPACITY = 1024
/** These frames may have a body. */
const WITH_BODY: ReadonlySet<string> = new Set(['SEND', 'MESSAGE', 'ERROR'])
const NOTHING = Buffer.alloc(0)

interface FrameHead {
  command: string
  headers: StompHeaders
  /** Undefined where the body ends at the first NUL. */
  bodyBytes: number | undefined
}

/** Reads frames from chunks of bytes, wherever they are cut. Each byte is examined once. */
export class FrameReader {
  /** The agreed version. Until it is set, line ends of every version are accepted. */
  version: StompVersion | undefined
  readonly #limits: FrameLimits
  #buffer: Buffer = NOTHING
  #start = 0
  #end = 0
  /** Where the search for the end of a line or body goes on. */
  #searchedTo = 0
  #headStart = 0
  #lines: string[] = []
  #head: FrameHead | undefined

  constructor(limits: FrameLimits, version?: StompVersion) {
    this.#limits = limits
    this.version = version
  }

  /** Bytes of a frame that has only come in part. */
  get pendingBytes(): number {
    return this.#buffer.length
  }

  /** Reads a piece. Yields its frames; line ends between them yield nothing. @throws FrameError */
  *read(piece: Buffer): Generator<StompFrame, void, undefined> {
    this.#append(piece)
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame
    this.#compact()
  }

  #next(): StompFrame | undefined {
    if (this.#head === undefined && this.#lines.length === 0 && this.#searchedTo === this.#start) this.#skipLineEnds()
    this.#head ??= this.#readHead()
    if (this.#head === undefined) return undefined
    const bytes = this.#readBody(this.#head)
    if (bytes === undefined) return undefined
    const { command, headers } = this.#head
    if (bytes.length > 0 && this.version !== '1.0' && !WITH_BODY.has(command)) {
      throw new FrameError('invalid', `expected ${command} to have no body, got ${bytes.length} bytes`)
    }
    this.#head = undefined
    return new StompFrame(command, headers, bytes)
  }

  #skipLineEnds(): void {
    while (this.#start < this.#end) {
      const byte = this.#buffer[this.#start]
      if (byte === LF) this.#start += 1
      else if (byte === CR && this.#allowsReturns) {
        if (this.#start + 1 === this.#end) break
        if (this.#buffer[this.#start + 1] !== LF) {
          throw new FrameError('invalid', 'expected a line feed after a carriage return')
        }
        this.#start += 2
      } else break
    }
    this.#searchedTo = this.#headStart = this.#start
  }

  get #allowsReturns(): boolean {
    return this.version === undefined || this.version === '1.2'
  }

  #readHead(): FrameHead | undefined {
    const { headers: mostHeaders, headBytes } = this.#limits
    for (;;) {
      const at = this.#buffer.subarray(0, this.#end).indexOf(LF, this.#searchedTo)
      const headEnd = at === -1 ? this.#end : at + 1
      if (headEnd - this.#headStart > headBytes) {
        throw new FrameError('too_large', `expected at most ${headBytes} bytes of headers`)
      }
      if (at === -1) {
        this.#searchedTo = this.#end
        return undefined
      }
      let lineEnd = at
      if (this.#allowsReturns && lineEnd > this.#start && this.#buffer[lineEnd - 1] === CR) lineEnd -= 1
      const line = this.#buffer.subarray(this.#start, lineEnd)
      this.#start = this.#searchedTo = at + 1
      if (line.length === 0 && this.#lines.length === 0) {
        this.#headStart = this.#start
        continue
      }
      if (line.length === 0) {
        const lines = this.#lines
        this.#lines = []
        return this.#headOf(lines)
      }
      if (line.includes(NUL)) throw new FrameError('invalid', 'expected an empty line after the headers, got a NUL')
      if (!isUtf8(line)) throw new FrameError('invalid', 'expected headers in UTF-8')
      this.#lines.push(line.toString())
      if (this.#lines.length > mostHeaders + 1) {
        throw new FrameError('too_large', `expected at most ${mostHeaders} headers`)
      }
    }
  }

  #headOf([command = '', ...lines]: readonly string[]): FrameHead {
    const headers = Object.create(null) as Record<string, string>
    const version = this.version ?? '1.2'
    const isPlain = !areEscaped(command, version)
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon < 1) throw new FrameError('invalid', `expected a header name:value, got ${quotedStart(line)}`)
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1)]
      const known = isPlain ? name : unescaped(name, version)
      const meant = isPlain ? value : unescaped(value, version)
      if (known === undefined || meant === undefined) {
        throw new FrameError('invalid', `expected escapes of STOMP ${version}, got ${quotedStart(line)}`)
      }
      // Version 1.0 has its headers with and without spaces.
      if (!(known in headers)) headers[known] = version === '1.0' ? meant.trim() : meant
    }
    return { command, headers, bodyBytes: this.#lengthIn(headers['content-length']) }
  }

  #lengthIn(written: string | undefined): number | undefined {
    if (written === undefined) return undefined
    if (!/^\d{1,15}$/.test(written)) {
      throw new FrameError('invalid', `expected content-length to be a number of bytes, got ${quotedStart(written)}`)
    }
    const bytes = Number(written)
    if (bytes > this.#limits.bodyBytes) throw this.#bodyTooLarge()
    return bytes
  }

  #readBody({ bodyBytes }: FrameHead): Buffer | undefined {
    const at = bodyBytes === undefined ? this.#findNul() : this.#start + bodyBytes
    if (at === undefined || at >= this.#end) return undefined
    if (this.#buffer[at] !== NUL) {
      throw new FrameError('invalid', `expected a NUL after a body of ${bodyBytes} bytes (content-length)`)
    }
    // A copy: the buffer is written again.
    const bytes = at === this.#start ? NOTHING : Buffer.from(this.#buffer.subarray(this.#start, at))
    this.#start = this.#searchedTo = at + 1
    return bytes
  }

  #findNul(): number | undefined {
    const at = this.#buffer.subarray(0, this.#end).indexOf(NUL, this.#searchedTo)
    this.#searchedTo = at === -1 ? this.#end : at
    if (this.#searchedTo - this.#start > this.#limits.bodyBytes) throw this.#bodyTooLarge()
    return at === -1 ? undefined : at
  }

  #bodyTooLarge(): FrameError {
    return new FrameError('too_large', `expected a body of at most ${this.#limits.bodyBytes} bytes`)
  }

  /** The usual piece is a whole frame, and is read where it is. */
  #append(piece: Buffer): void {
    if (this.#end === 0) {
      this.#buffer = piece
      this.#end = piece.length
      return
    }
    const needed = this.#end + piece.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length, LEAST_CAPACITY))
      this.#buffer.copy(larger, 0, 0, this.#end)
      this.#buffer = larger
    }
    piece.copy(this.#buffer, this.#end)
    this.#end = needed
  }

  /** Keeps only the rest that belongs to a frame under way, in memory of its own. */
  #compact(): void {
    if (this.#start === this.#end) {
      this.#buffer = NOTHING
      this.#headStart -= this.#start
      this.#start = this.#end = this.#searchedTo = 0
    } else if (this.#start > 0) {
      const rest = Buffer.from(this.#buffer.subarray(this.#start, this.#end))
      this.#headStart -= this.#start
      this.#searchedTo -= this.#start
      this.#end = rest.length
      this.#start = 0
      this.#buffer = rest
    } else this.#own()
  }

  /** The first piece of a long frame belongs to the caller, who may write it again. */
  #own(): void {
    if (this.#end === this.#buffer.length) this.#buffer = Buffer.from(this.#buffer)
  }
}
