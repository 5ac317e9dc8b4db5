import type { WebSocket } from 'ws'

/** The internals of the library's receiver that this file relies on. */
interface Receiver {
  /** Form of the length read last: 0 for 7 bits, 1 for 16, 2 for 64. */
  readonly _state: number
  readonly _payloadLength: number
  haveLength(done: (error?: Error) => void): void
  createError(type: ErrorConstructor, message: string, prefix: boolean, closeCode: number, code: string): Error
}

/** Shortest payload that needs each form. */
const LEAST_BYTES = [0, 126, 65_536]

/**
 * Refuses frames whose length is not in its shortest form, with close code 1002. RFC 6455 §5.2 demands that form, and
 * the library does not check it.
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
