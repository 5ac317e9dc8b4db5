import type { LlmRequestBook } from '../../exchange/account.ts'
import type { AnswerFormat } from './answer-format.ts'
import type { BatchJob, BatchListener } from './batch-server.ts'
import type { PlannedCompletion } from './planned-completion.ts'
import type { TokenStream } from './token-stream.ts'

export const FAILURE = 'the model failed in the middle of this answer, because of llm.failureRate'

export interface CompletionOptions {
  /** Its place at the server. */
  job: Pick<BatchJob, 'arrivedAt' | 'admittedAt'>
  planned: PlannedCompletion
  format: AnswerFormat
  book: LlmRequestBook
  now: () => number
  /** Set for an answer that is streamed. */
  stream: TokenStream | undefined
  /** Sends an answer in one piece. */
  send: (answer: unknown) => void
  /** Answers with a problem instead. */
  fail: (message: string) => void
  /** Frees its place at the server. */
  release: () => void
}

/** A completion under way: what the server gives goes to its client and into the ledger. */
export class Completion implements BatchListener {
  hasFailed = false
  readonly #options: CompletionOptions
  /** Number of tokens that were given so far. */
  #given = 0
  #lastAt: number | undefined
  #hasEnded = false

  constructor(options: CompletionOptions) {
    this.#options = options
  }

  token(choice: number, ordinal: number): void {
    if (this.#hasEnded) return
    const { planned, format, book, stream, now } = this.#options
    if (ordinal === planned.failsAfter) return this.#fail()
    const at = now()
    if (this.#lastAt === undefined) book.began(this.#queuedMs())
    // All choices get their tokens in one step, which is one interval.
    if (choice === 0 || this.#lastAt === undefined) {
      if (this.#lastAt !== undefined) book.interval(at - this.#lastAt)
      this.#lastAt = at
    }
    book.generated()
    this.#given += 1
    if (stream === undefined) return
    const opening = this.#given === 1 ? format.opening() : ''
    stream.write(opening + format.token(choice, ordinal), 1)
  }

  ended(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { format, stream, send } = this.#options
    if (stream === undefined) return send(format.whole())
    stream.write(format.ending(), 0)
    stream.complete()
  }

  /** Ends it because nobody reads it any more. */
  abandon(): void {
    this.#hasEnded = true
    this.#options.release()
  }

  #fail(): void {
    const { format, stream, fail } = this.#options
    this.hasFailed = true
    this.abandon()
    if (stream === undefined) return fail(FAILURE)
    stream.write(format.failure(FAILURE), 0)
    stream.complete()
  }

  #queuedMs(): number {
    const { arrivedAt, admittedAt } = this.#options.job
    return Math.max(0, (admittedAt ?? arrivedAt) - arrivedAt)
  }
}
