import type { Socket } from 'node:net'
import { constants, deflateRawSync } from 'node:zlib'
import type { WebSocket } from 'ws'
import { closeCodeOf, type KnownCloseCode } from '../../contract/sockets/close-codes.ts'
import type { CloseReason } from '../../contract/streams.ts'
import { type About, control, type Frame } from './frame.ts'
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

/** Shorter payloads grow more than they shrink. */
const LEAST_DEFLATED_BYTES = 256

const plain: Encoding = { bytesOf: frame => frame.bytes }
const deflated: Encoding = {
  bytesOf: frame => (frame.payloadBytes < LEAST_DEFLATED_BYTES ? frame.bytes : (frame.deflated ?? frame.bytes)),
}

/**
 * A WebSocket whose handshake is done. The library reads and answers control frames; data frames are ready-made and go
 * straight to the socket, past it.
 */
export class SocketWire implements Wire {
  readonly socket: Socket
  readonly encoding: Encoding
  readonly gate: WebSocket

  constructor(webSocket: WebSocket, socket: Socket) {
    this.gate = webSocket
    this.socket = socket
    this.encoding = webSocket.extensions.includes('permessage-deflate') ? deflated : plain
  }

  /** No frame may follow the close frame. */
  get isOpen(): boolean {
    return this.gate.readyState === this.gate.OPEN
  }

  end(reason: CloseReason, code: number = codeOf[reason]): void {
    // A paused client must be read again, so that its close frame arrives. Its other frames are ignored.
    this.gate.resume()
    this.gate.close(code, closeCodeOf(code).name)
  }
}

/** RFC 6455 §5.2: all frames written here are unfragmented, unmasked text. */
const WHOLE_TEXT = 0x81
/** RFC 7692 §6: the payload is compressed. */
const COMPRESSED = 0x40

/** RFC 7692 §7.2.1: the last bytes of every flushed block are always the same and are left out. */
const FLUSH_TAIL_BYTES = 4

/** A text as a WebSocket frame, encoded once for all recipients. */
export class SocketFrame implements Frame {
  readonly bytes: Buffer
  readonly payloadBytes: number
  readonly about: About
  readonly key: string | undefined
  waitingIn = 0
  #deflated: Buffer | undefined

  constructor(payload: string, about: About = control, key?: string) {
    this.payloadBytes = Buffer.byteLength(payload)
    const headBytes = headBytesOf(this.payloadBytes)
    this.bytes = Buffer.allocUnsafe(headBytes + this.payloadBytes)
    writeHead(this.bytes, WHOLE_TEXT, this.payloadBytes)
    this.bytes.write(payload, headBytes)
    this.about = about
    this.key = key
  }

  /** Compressed by itself (`server_no_context_takeover`), so that every client gets the same bytes. */
  get deflated(): Buffer {
    return (this.#deflated ??= this.#deflate())
  }

  #deflate(): Buffer {
    const payload = this.bytes.subarray(this.bytes.length - this.payloadBytes)
    const flushed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH })
    const packedBytes = flushed.length - FLUSH_TAIL_BYTES
    const headBytes = headBytesOf(packedBytes)
    const bytes = Buffer.allocUnsafe(headBytes + packedBytes)
    writeHead(bytes, WHOLE_TEXT | COMPRESSED, packedBytes)
    flushed.copy(bytes, headBytes, 0, packedBytes)
    return bytes
  }
}

function headBytesOf(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10
}

function writeHead(bytes: Buffer, firstByte: number, payloadBytes: number): void {
  bytes[0] = firstByte
  if (payloadBytes < 126) bytes[1] = payloadBytes
  else if (payloadBytes < 65_536) {
    bytes[1] = 126
    bytes.writeUInt16BE(payloadBytes, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(payloadBytes), 2)
  }
}
