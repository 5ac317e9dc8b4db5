import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { payloadOf } from './chunk.ts'
import type { Frame } from './frame.ts'
import type { Encoding, Wire } from './wire.ts'

/** The body of an HTTP response that never ends by itself; its head is written already. */
export class HttpWire implements Wire {
  readonly socket: Socket
  readonly isOpen = true
  readonly #response: ServerResponse

  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response
    this.socket = socket
  }

  /** HTTP/1.0 knows no chunks. */
  get encoding(): Encoding {
    return this.#response.chunkedEncoding ? 'chunked' : 'identity'
  }

  bytesOf(frame: Frame): Buffer {
    return this.encoding === 'chunked' ? frame.bytes : payloadOf(frame)
  }

  end(): void {
    this.#response.end()
  }
}
