import type { ResponseHead } from '../engine.ts'
import { ChunkParser } from './chunk-parser.ts'
import { HeadParser, INCOMPLETE } from './head-parser.ts'
import { MalformedResponse } from './malformed-response.ts'

/** Receives a response as it is read. */
export interface ResponseSink {
  /** True while it wants to receive nothing. */
  readonly isHeld: boolean
  head(status: number, head: ResponseHead): void
  /** @param chunk is overwritten after the call. */
  data(chunk: Buffer): void
}

/** Maximum number of interim responses to one request. A server that sends more is not expected to send a final one. */
const MOST_INTERIM = 100
const MOST_INTERIM_BYTES = 64 * 1024

const SWITCHING_PROTOCOLS = 101
const NO_CONTENT = 204
const NOT_MODIFIED = 304

const HEAD = 0
const SIZED = 1
const CHUNKED = 2
const UNTIL_CLOSE = 3
const COMPLETE = 4

/** Reads the responses of one connection, one after the other. */
export class ResponseReader {
  /** Whether the connection can carry another request, once the response is complete. */
  keepsAlive = false
  readonly #head = new HeadParser()
  readonly #chunks = new ChunkParser()
  #state = COMPLETE
  #isForHead = false
  #left = 0
  #interim = 0
  #interimBytes = 0

  get isComplete(): boolean {
    return this.#state === COMPLETE
  }

  /** Seconds for which the server promises to keep the connection; undefined if it does not say. */
  get keepAliveSeconds(): number | undefined {
    return this.#head.keepAliveSeconds
  }

  /** Begins with the response to a request of this method. */
  begin(method: string): void {
    this.#isForHead = method === 'HEAD'
    this.#state = HEAD
    this.#interim = 0
    this.#interimBytes = 0
    this.#head.restart()
  }

  /**
   * Reads on until the response is complete, the sink is held or the bytes end. Returns the offset of the first byte that was not read.
   * @throws MalformedResponse
   */
  read(bytes: Buffer, start: number, end: number, sink: ResponseSink): number {
    let at = start
    while (!sink.isHeld) {
      switch (this.#state) {
        case HEAD:
          if (at === end) return at
          at = this.#readHead(bytes, at, end, sink)
          break
        case SIZED: {
          if (this.#left === 0) {
            this.#state = COMPLETE
            return at
          }
          if (at === end) return at
          const dataEnd = Math.min(end, at + this.#left)
          this.#left -= dataEnd - at
          sink.data(bytes.subarray(at, dataEnd))
          at = dataEnd
          break
        }
        case CHUNKED: {
          const hasData = this.#chunks.read(bytes, at, end)
          at = this.#chunks.dataEnd
          if (hasData) sink.data(bytes.subarray(this.#chunks.dataStart, at))
          else if (this.#chunks.isComplete) this.#state = COMPLETE
          else return at
          break
        }
        case UNTIL_CLOSE:
          if (at === end) return at
          sink.data(bytes.subarray(at, end))
          at = end
          break
        default:
          return at
      }
    }
    return at
  }

  /** The server has closed its side. Returns whether that completes the response. */
  end(): boolean {
    if (this.#state !== UNTIL_CLOSE) return this.#state === COMPLETE
    this.#state = COMPLETE
    return true
  }

  #readHead(bytes: Buffer, start: number, end: number, sink: ResponseSink): number {
    const head = this.#head
    const headEnd = head.read(bytes, start, end)
    const { status } = head
    if (headEnd === INCOMPLETE) {
      if (isInterim(status) && this.#interimBytes + head.heldBytes > MOST_INTERIM_BYTES) throw flood()
      return end
    }
    if (status >= 200) {
      this.#frame(status)
      sink.head(status, head.fields!)
    } else {
      this.#interim += 1
      this.#interimBytes += headEnd - start
      if (!isInterim(status))
        throw new MalformedResponse(
          `expected a response of status 200…999, got status ${status}, which the request did not ask for`,
        )
      if (this.#interim > MOST_INTERIM || this.#interimBytes > MOST_INTERIM_BYTES) throw flood()
      head.restart()
    }
    return headEnd
  }

  /** Decides how the body ends, and whether the connection outlives it (RFC 9112 §6.3 and §9.3). */
  #frame(status: number): void {
    const { minorVersion, contentLength, isChunked, closes, keepsAlive } = this.#head
    this.keepsAlive = !closes && (minorVersion === 1 || keepsAlive)
    this.#left = 0
    this.#state = SIZED
    if (this.#isForHead) return
    if (status === NO_CONTENT || status === NOT_MODIFIED) {
      // A server that announces a body where none can be may send it, too: it would be read as the next response.
      if (isChunked || (contentLength ?? 0) > 0) this.keepsAlive = false
    } else if (isChunked) {
      this.#state = CHUNKED
      this.#chunks.restart()
    } else if (contentLength === undefined) {
      this.#state = UNTIL_CLOSE
      this.keepsAlive = false
    } else {
      this.#left = contentLength
    }
  }
}

function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== SWITCHING_PROTOCOLS
}

function flood(): MalformedResponse {
  return new MalformedResponse(
    `expected a final response, got more than ${MOST_INTERIM} interim ones, or more than ${MOST_INTERIM_BYTES} bytes of them`,
  )
}
