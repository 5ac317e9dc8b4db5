import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { type About, control, type Frame } from './frame.ts'
import { releaseParser } from './unparsed-sockets.ts'
import type { Encoding, Wire } from './wire.ts'

// An import would also load the WebSocket client that `node:http` exports, which takes 30 ms of CPU time at every start.
const { IncomingMessage, ServerResponse: Response } = process.getBuiltinModule('node:http')

const CRLF_BYTES = 2
const LAST_CHUNK = '0\r\n\r\n'

/**
 * Replaces the response of every streaming socket, which is not needed after its head is written. Node takes such a socket
 * for one that is still being answered, so further requests over it wait. This response writes nothing.
 */
const streaming = new Response(new IncomingMessage(new Socket()))

/** Frames are made as chunks. */
export const chunked: Encoding = { bytesOf: frame => frame.bytes }
/** Payloads alone, for clients that speak HTTP/1.0, and for HTTP/2. */
export const identity: Encoding = { bytesOf: payloadOf }

/** The body of an HTTP response that never ends by itself; its head is written already. */
export class HttpWire implements Wire {
  readonly socket: Socket
  readonly encoding: Encoding
  readonly isOpen = true

  /** Keeps nothing of the response, because a stream may stay open for long. */
  constructor(response: ServerResponse, socket: Socket) {
    this.socket = socket
    // HTTP/1.0 has no chunked coding.
    this.encoding = response.chunkedEncoding ? chunked : identity
    response.detachSocket(socket)
    streaming.assignSocket(socket)
    const { req } = response
    req.headers = {}
    req.rawHeaders = []
    // Later, because the parser is still at work on this request.
    setImmediate(releaseParser, socket)
  }

  end(): void {
    if (this.encoding === chunked && this.socket.writable) this.socket.write(LAST_CHUNK)
    this.socket.destroySoon()
  }
}

/** Encodes a payload in chunked transfer coding, to be written to the socket directly. */
export function chunkOf(payload: string, about: About = control, key?: string): Frame {
  const payloadBytes = Buffer.byteLength(payload)
  const bytes = Buffer.from(`${payloadBytes.toString(16)}\r\n${payload}\r\n`)
  return { bytes, payloadBytes, about, key, waitingIn: 0 }
}

/** Returns the payload without the chunk framing. */
export function payloadOf({ bytes, payloadBytes }: Frame): Buffer {
  const end = bytes.length - CRLF_BYTES
  return bytes.subarray(end - payloadBytes, end)
}
