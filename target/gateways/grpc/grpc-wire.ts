import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { CloseReason } from '../../../contract/streams.ts'
import { Http2Wire } from '../../connections/http2-wire.ts'
import type { Frame } from '../../connections/frame.ts'
import type { Wire } from '../../connections/wire.ts'
import { setTrailers, type Trailers, trailersAfter } from './trailers.ts'

/** A streaming answer of gRPC: its messages, and at its end the status in the trailers. */
export class GrpcWire implements Wire {
  readonly socket: ServerHttp2Stream
  readonly encoding = 'grpc'
  readonly isOpen = true
  readonly #response: ServerResponse
  readonly #body: Http2Wire

  constructor(response: ServerResponse, stream: ServerHttp2Stream) {
    this.#response = response
    this.#body = new Http2Wire(stream)
    this.socket = stream
  }

  bytesOf(frame: Frame): Buffer {
    return frame.bytes
  }

  end(reason: CloseReason): void {
    this.endWith(trailersAfter(reason))
  }

  endWith(trailers: Trailers): void {
    setTrailers(this.#response, trailers)
    this.#body.end()
  }
}
