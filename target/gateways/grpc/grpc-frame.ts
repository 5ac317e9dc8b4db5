import type { About, Frame } from '../../connections/frame.ts'

/** Bytes before each message: whether it is compressed, and its length. */
export const PREFIX_BYTES = 5

/** A tag of no field, with a wire type that does not exist. */
const NO_TAG = 0x07

/** Returns a message with the bytes before it. */
export function prefixed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  message.copy(bytes, PREFIX_BYTES)
  return bytes
}

/** Returns a copy of a message of the same length that no client can decode. */
export function undecodable(message: Buffer): Buffer {
  const bytes = Buffer.from(message)
  if (bytes.length > PREFIX_BYTES) bytes[PREFIX_BYTES] = NO_TAG
  return bytes
}

/** A message of a stream of gRPC. */
export class GrpcFrame implements Frame {
  readonly bytes: Buffer
  readonly about: About
  readonly key: string | undefined
  waitingIn = 0
  declare readonly isMalformed?: true
  declare readonly misdirected?: () => Frame

  constructor(bytes: Buffer, about: About, key?: string) {
    this.bytes = bytes
    this.about = about
    this.key = key
  }

  get payloadBytes(): number {
    return this.bytes.length
  }

  /** Keeps the length, so that only this message cannot be read. */
  spoiled(): Frame {
    return Object.assign(new GrpcFrame(undecodable(this.bytes), this.about, this.key), { isMalformed: true as const })
  }
}
