import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { closeCodeOf, type KnownCloseCode } from '../../contract/sockets/close-codes.ts'
import type { CloseReason } from '../../contract/streams.ts'
import type { Frame } from './frame.ts'
import { LEAST_DEFLATED_BYTES } from './socket-frame.ts'
import type { Encoding, Wire } from './wire.ts'

const codeOf: Record<CloseReason, KnownCloseCode> = {
  client: 1000,
  slow_consumer: 1013,
  shutdown: 1001,
  control: 1012,
  token_expired: 4401,
  replaced: 4409,
  protocol: 1008,
  silent: 1008,
  fault: 1011,
}

/**
 * A WebSocket whose handshake is done. The library reads and answers control frames; data frames are ready-made and go
 * straight to the socket, past it.
 */
export class SocketWire implements Wire {
  readonly socket: Socket
  readonly encoding: Encoding
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket
    this.socket = socket
    this.encoding = webSocket.extensions.includes('permessage-deflate') ? 'websocket-deflate' : 'websocket'
  }

  /** A frame behind the closing one would break the protocol. */
  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  bytesOf(frame: Frame): Buffer {
    const deflates = this.encoding === 'websocket-deflate' && frame.payloadBytes >= LEAST_DEFLATED_BYTES
    return deflates ? (frame.deflated ?? frame.bytes) : frame.bytes
  }

  end(reason: CloseReason, code: number = codeOf[reason]): void {
    // What the client still says is passed over, but for its own goodbye.
    this.#webSocket.resume()
    this.#webSocket.close(code, closeCodeOf(code).name)
  }
}
