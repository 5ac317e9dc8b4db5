import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { type About, control, type Frame } from './frame.ts'
import type { Encoding, Wire } from './wire.ts'

const CRLF_BYTES = 2
const LAST_CHUNK = '0\r\n\r\n'

/**
 * Stands on every streaming socket in the place of its response, which is not needed once its head is written: with it
 * Node takes the socket for one that is being answered, and lets what else is asked over it wait. It writes nothing.
 */
const streaming = new ServerResponse(new IncomingMessage(new Socket()))

/** The body of an HTTP response that never ends by itself; its head is written already. */
export class HttpWire implements Wire {
  readonly socket: Socket
  readonly encoding: Encoding
  readonly isOpen = true

  /** The response is let go: a stream stays long. */
  constructor(response: ServerResponse, socket: Socket) {
    this.socket = socket
    // HTTP/1.0 knows no chunks.
    this.encoding = response.chunkedEncoding ? 'chunked' : 'identity'
    response.detachSocket(socket)
    streaming.assignSocket(socket)
    const { req } = response
    req.headers = {}
    req.rawHeaders = []
  }

  bytesOf(frame: Frame): Buffer {
    return this.encoding === 'chunked' ? frame.bytes : payloadOf(frame)
  }

  end(): void {
    if (this.encoding === 'chunked' && this.socket.writable) this.socket.write(LAST_CHUNK)
    this.socket.destroySoon()
  }
}

/** Writes a payload in chunked transfer coding, so that it goes to a socket past the response. */
export function chunkOf(payload: string, about: About = control, key?: string): Frame {
  const payloadBytes = Buffer.byteLength(payload)
  const bytes = Buffer.from(`${payloadBytes.toString(16)}\r\n${payload}\r\n`)
  return { bytes, payloadBytes, about, key, waitingIn: 0 }
}

/** Returns the payload without the chunk framing, for clients that speak HTTP/1.0. */
export function payloadOf({ bytes, payloadBytes }: Frame): Buffer {
  const end = bytes.length - CRLF_BYTES
  return bytes.subarray(end - payloadBytes, end)
}
