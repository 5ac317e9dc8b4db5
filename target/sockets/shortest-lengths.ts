import type { WebSocket } from 'ws'

/** The part of the library's reader that is relied on here. */
interface Receiver {
  /** Which form of the length was read last: 0 of 7 bits, 1 of 16, 2 of 64. */
  readonly _state: number
  readonly _payloadLength: number
  haveLength(done: (error?: Error) => void): void
  createError(type: ErrorConstructor, message: string, prefix: boolean, closeCode: number, code: string): Error
}

/** The shortest payload that needs each form. */
const LEAST_BYTES = [0, 126, 65_536]

/**
 * Refuses frames whose length is not written in its shortest form, with 1002: RFC 6455 §5.2 demands it, and the library does
 * not check it.
 */
export function demandShortestLengths(webSocket: WebSocket): void {
  const receiver = (webSocket as unknown as { _receiver: Receiver })._receiver
  receiver.haveLength = haveShortestLength
}

function haveShortestLength(this: Receiver, done: (error?: Error) => void): void {
  if (this._payloadLength < LEAST_BYTES[this._state]!) {
    const message = 'the payload length is not in its shortest form'
    return done(this.createError(RangeError, message, true, 1002, 'WS_ERR_UNEXPECTED_LENGTH_FORM'))
  }
  const library = Object.getPrototypeOf(this) as Receiver
  library.haveLength.call(this, done)
}
