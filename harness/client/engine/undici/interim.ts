import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** Maximum number of interim responses to one request. A server that sends more is not expected to send a final one. */
const MOST_RESPONSES = 100
const MOST_BYTES = 64 * 1024

/** Offset of the status, behind `HTTP/1.1 ` or another minor version. */
const STATUS_AT = 9
const STATUS_END = STATUS_AT + 3
const PREFIX = Buffer.from('HTTP/1.')
const DIGIT_ZERO = 0x30
const DIGIT_ONE = 0x31
const SWITCHING_PROTOCOLS = '101'

/** The server sends no final response, but too many interim ones or a status that is not final. */
export class NoFinalResponse extends Error {
  readonly code = 'HARNESS_NO_FINAL_RESPONSE'
}

/**
 * Returns a connector whose sockets skip interim responses, because undici closes a connection on which it receives a 100 that
 * it did not ask for. A 101, which only WebSockets ask for, and a status below 100 end the connection.
 */
export function withoutInterim(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...result) => {
      const [error, socket] = result
      if (error === null) skipInterim(socket)
      callback(...result)
    })
}

/**
 * Filters only the first bytes after a request. A body that resembles a head stays unchanged, and reading a body costs one
 * comparison for each chunk.
 */
function skipInterim(socket: Socket): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null
  const write = socket.write.bind(socket)
  const skipper = new InterimSkipper()
  let awaitsHead = false
  const writeRequest = (...args: Parameters<Socket['write']>) => {
    awaitsHead = true
    skipper.restart()
    return write(...args)
  }
  const readFinal = (size?: number) => {
    for (;;) {
      const chunk = read(size)
      if (chunk === null || !awaitsHead) return chunk
      try {
        const rest = skipper.skip(chunk)
        if (rest === undefined) continue
        awaitsHead = false
        return rest
      } catch (error) {
        socket.destroy(error as Error)
        return null
      }
    }
  }
  socket.write = writeRequest as Socket['write']
  socket.read = readFinal
}

/** Skips the interim responses before the final response to one request. */
class InterimSkipper {
  /** Bytes of an incomplete head. */
  #held: Buffer | undefined
  #responses = 0
  #bytes = 0

  /** Starts over: another request was written. */
  restart(): void {
    this.#held = undefined
    this.#responses = 0
    this.#bytes = 0
  }

  /** Returns the bytes from the final response on; undefined until it begins. @throws NoFinalResponse */
  skip(chunk: Buffer): Buffer | undefined {
    let bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    for (;;) {
      bytes = withoutEmptyLines(bytes)
      if (mayBecomeInterim(bytes)) return this.#hold(bytes)
      if (!isInterim(bytes)) return bytes
      const end = endOfHead(bytes)
      if (end === -1) return this.#hold(bytes)
      this.#count(end)
      bytes = bytes.subarray(end)
    }
  }

  #hold(bytes: Buffer): undefined {
    if (this.#bytes + bytes.length > MOST_BYTES) throw flood()
    this.#held = bytes
  }

  #count(bytes: number): void {
    this.#held = undefined
    this.#responses += 1
    this.#bytes += bytes
    if (this.#responses > MOST_RESPONSES || this.#bytes > MOST_BYTES) throw flood()
  }
}

/** Returns the bytes without empty lines at their start, which parsers skip. */
function withoutEmptyLines(bytes: Buffer): Buffer {
  let start = 0
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start += 1
  return start === 0 ? bytes : bytes.subarray(start)
}

/** Tells whether there are too few bytes to rule out an interim response. */
function mayBecomeInterim(bytes: Buffer): boolean {
  if (bytes.length >= STATUS_END) return false
  const known = Math.min(bytes.length, PREFIX.length)
  return bytes.compare(PREFIX, 0, known, 0, known) === 0 && (bytes[STATUS_AT] ?? DIGIT_ONE) === DIGIT_ONE
}

/** @throws NoFinalResponse */
function isInterim(bytes: Buffer): boolean {
  const first = bytes[STATUS_AT]
  if (first !== DIGIT_ONE && first !== DIGIT_ZERO) return false
  if (bytes.compare(PREFIX, 0, PREFIX.length, 0, PREFIX.length) !== 0) return false
  const status = bytes.toString('latin1', STATUS_AT, STATUS_END)
  if (first === DIGIT_ONE && status !== SWITCHING_PROTOCOLS) return true
  throw new NoFinalResponse(
    `expected a response of status 200…599, got status ${status}, which the request did not ask for`,
  )
}

/** Returns the offset behind the empty line that ends a head; -1 while there is none. */
function endOfHead(bytes: Buffer): number {
  const strict = bytes.indexOf('\r\n\r\n')
  const loose = bytes.indexOf('\n\n')
  if (strict === -1 || (loose !== -1 && loose < strict)) return loose === -1 ? -1 : loose + 2
  return strict + 4
}

function flood(): NoFinalResponse {
  return new NoFinalResponse(
    `expected a final response, got more than ${MOST_RESPONSES} interim ones, or more than ${MOST_BYTES} bytes of them`,
  )
}
