import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { CloseReason } from '../../../contract/streams.ts'
import { Http2Wire } from '../../connections/http2-wire.ts'
import type { Encoding, Wire } from '../../connections/wire.ts'
import { setTrailers, type Trailers, trailersAfter } from './trailers.ts'

/** Frames are made as messages of gRPC. */
const messages: Encoding = { bytesOf: frame => frame.bytes }

/** A streaming answer of gRPC: its messages, and at its end the status in the trailers. */
export class GrpcWire implements Wire {
  readonly socket: ServerHttp2Stream
  readonly encoding = messages
  readonly isOpen = true
  readonly #response: ServerResponse
  readonly #body: Http2Wire

  constructor(response: ServerResponse, stream: ServerHttp2Stream) {
    this.#response = response
    this.#body = new Http2Wire(stream)
    this.socket = stream
  }

  end(reason: CloseReason): void {
    this.endWith(trailersAfter(reason))
  }

  endWith(trailers: Trailers): void {
    setTrailers(this.#response, trailers)
    this.#body.end()
  }
}
