import { ProblemError } from '../../exchange/problem.ts'
import { PREFIX_BYTES } from './grpc-frame.ts'

export interface MessageLimits {
  messageBytes: number
  messages: number
}

/** Reads the messages of one direction of a call from its bytes, however they are cut. */
export class MessageReader {
  /** Messages so far. */
  messages = 0
  readonly #limits: MessageLimits
  #chunks: Buffer[] = []
  #bytes = 0
  /** Bytes that the next step needs: a prefix, or a prefix with its message. */
  #needed = PREFIX_BYTES

  constructor(limits: MessageLimits) {
    this.#limits = limits
  }

  /** Bytes of a message that is not complete. */
  get pendingBytes(): number {
    return this.#bytes
  }

  /** Yields the messages that are complete with these bytes. @throws ProblemError */
  *read(chunk: Buffer): Generator<Buffer, void, undefined> {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes >= this.#needed) {
      const bytes = this.#joined()
      const messageBytes = this.#checkPrefix(bytes)
      const end = PREFIX_BYTES + messageBytes
      if (bytes.length < end) {
        this.#needed = end
        return
      }
      this.#keep(bytes.subarray(end))
      this.messages += 1
      if (this.messages > this.#limits.messages) {
        throw new ProblemError('rate_limited', `expected at most ${this.#limits.messages} messages (grpc.messages)`)
      }
      yield bytes.subarray(PREFIX_BYTES, end)
    }
  }

  /** Checks that nothing is left. @throws ProblemError */
  finish(): void {
    if (this.#bytes > 0) throw new ProblemError('malformed_body', 'the last message ended early')
  }

  #joined(): Buffer {
    const [first, ...others] = this.#chunks
    const bytes = others.length === 0 ? first! : Buffer.concat(this.#chunks)
    this.#chunks = [bytes]
    return bytes
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    this.#needed = PREFIX_BYTES
  }

  #checkPrefix(bytes: Buffer): number {
    if (bytes[0] === 1) {
      throw new ProblemError('unsupported_media_type', 'expected messages that are not compressed (identity)')
    }
    if (bytes[0] !== 0)
      throw new ProblemError('malformed_body', `expected a message of gRPC, got a flag of ${bytes[0]}`)
    const messageBytes = bytes.readUInt32BE(1)
    const { messageBytes: most } = this.#limits
    if (messageBytes <= most) return messageBytes
    throw new ProblemError(
      'body_too_large',
      `expected messages of at most ${most} bytes, got ${messageBytes} (grpc.messageBytes)`,
    )
  }
}
