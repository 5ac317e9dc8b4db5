import type { ServerHttp2Stream } from 'node:http2'
import { identity } from './http-wire.ts'
import type { Wire } from './wire.ts'

/** The body of an HTTP/2 response that never ends by itself; its head is written already. Node writes its DATA frames. */
export class Http2Wire implements Wire {
  readonly socket: ServerHttp2Stream
  readonly encoding = identity
  readonly isOpen = true

  constructor(stream: ServerHttp2Stream) {
    this.socket = stream
    // Nobody else does, and a stream that its client gives up must not end the process.
    stream.on('error', ignore)
  }

  end(): void {
    if (this.socket.writable) this.socket.end()
  }
}

function ignore(): void {}
