import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** Bytes of a stream that may wait for its client, and how long. */
export interface UnreadLimits {
  unreadBytes: number
  unreadMs: number
}

export interface TokenStreamOptions {
  now: () => number
  limits: UnreadLimits
  /** Charges this much memory for what waits. Returns false if there is no room. */
  reserve: (bytes: number) => boolean
  /** Called when tokens were handed to the response. */
  onSent: (tokens: number) => void
  /** Called once, when the stream will send nothing more. @param isWhole whether everything was sent */
  onEnd: (isWhole: boolean) => void
}

/**
 * The body of a streamed answer. A client that does not read holds up only this stream: tokens wait here until a limit is reached,
 * and then the stream is cut.
 */
export class TokenStream extends Readable {
  isCutForSlowness = false
  readonly #options: TokenStreamOptions
  readonly #waiting: { bytes: Buffer; tokens: number }[] = []
  #waitingBytes = 0
  /** When the oldest waiting bytes were written. */
  #waitingSince = 0
  #isWanted = false
  #isComplete = false
  #hasEnded = false

  constructor(options: TokenStreamOptions) {
    // Nothing is buffered ahead of the response, so that what was handed over is known.
    super({ highWaterMark: 1 })
    this.#options = options
  }

  /** Sends the head at once: clients may tell an accepted request from one that waits for its first token. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    ;(destination as unknown as Partial<ServerResponse>).flushHeaders?.()
    return super.pipe(destination, options)
  }

  /** Sends a text with this many tokens. The stream is cut if its client has too much unread. */
  write(text: string, tokens: number): void {
    if (this.#hasEnded) return
    const bytes = Buffer.from(text)
    if (this.#isWanted) return this.#hand(bytes, tokens)
    const { now, limits, reserve } = this.#options
    if (this.#waiting.length === 0) this.#waitingSince = now()
    this.#waiting.push({ bytes, tokens })
    this.#waitingBytes += bytes.length
    const isLate = now() - this.#waitingSince > limits.unreadMs
    if (!isLate && this.#waitingBytes <= limits.unreadBytes && reserve(this.#waitingBytes)) return
    this.cutSlow()
  }

  /** Ends the stream because its client does not read. */
  cutSlow(): void {
    this.isCutForSlowness = true
    this.destroy(new Error('the client does not read'))
  }

  /** Ends the stream after everything that was written. */
  complete(): void {
    this.#isComplete = true
    if (this.#waiting.length === 0) this.#finish()
  }

  /** Whether its client has left the oldest tokens unread for too long. */
  isOverdue(now: number): boolean {
    return this.#waiting.length > 0 && now - this.#waitingSince > this.#options.limits.unreadMs
  }

  override _read(): void {
    this.#isWanted = true
    const next = this.#waiting.shift()
    if (next === undefined) {
      if (this.#isComplete) this.#finish()
      return
    }
    this.#waitingBytes -= next.bytes.length
    this.#waitingSince = this.#options.now()
    this.#hand(next.bytes, next.tokens)
    if (this.#isComplete && this.#waiting.length === 0) this.#finish()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#waiting.length = 0
    this.#over(false)
    done(error)
  }

  #hand(bytes: Buffer, tokens: number): void {
    this.#isWanted = false
    if (tokens > 0) this.#options.onSent(tokens)
    this.push(bytes)
  }

  #finish(): void {
    if (this.#hasEnded) return
    this.#over(true)
    this.push(null)
  }

  #over(isWhole: boolean): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#options.onEnd(isWhole)
  }
}
