import { StringDecoder } from 'node:string_decoder'

/** Longest beginning of a refusal that is kept, for error messages. */
const LONGEST_EXCERPT_CHARACTERS = 4096
/** A refusal longer than this is cut off: reading on would tell nothing more. */
const LONGEST_REFUSAL_BYTES = 64 * 1024

/** Body of a response that opened no stream and no socket. Keeps its beginning, in bounded memory. */
export class RefusalBody {
  text = ''
  readonly #decoder = new StringDecoder('utf8')
  #bytes = 0

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    const missing = LONGEST_EXCERPT_CHARACTERS - this.text.length
    if (missing > 0) this.text += this.#decoder.write(chunk.subarray(0, missing))
  }

  /** True once the body is so long that the connection should be cut. */
  get isTooLong(): boolean {
    return this.#bytes > LONGEST_REFUSAL_BYTES
  }
}
