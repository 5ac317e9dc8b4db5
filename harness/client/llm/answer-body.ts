import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../../../core/clock.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import { type BodyMemory, ReceivedBody } from '../message/received-body.ts'
import type { AnswerReader } from './answer-reader.ts'

/** First characters of an event stream: of the names of its fields, and of a comment. */
const EVENT_STREAM = /^(data|event|id|retry|:)/

/** The body of an answer of a language model. A stream is read as it comes and not kept; everything else is kept as it is. */
export class AnswerBody extends ReceivedBody {
  readonly #clock: Pick<Clock, 'now'>
  readonly #reader: AnswerReader
  readonly #keepsStream: boolean
  readonly #decoder = new StringDecoder('utf8')
  /** Undefined until enough has come to tell. */
  #isStream: boolean | undefined
  #beginning = ''

  /** @param keepsStream whether the bytes of a stream are kept as well */
  constructor(
    { memory, limitBytes, keepsStream }: { memory: BodyMemory; limitBytes: number | undefined; keepsStream: boolean },
    clock: Pick<Clock, 'now'>,
    reader: AnswerReader,
  ) {
    super(memory, limitBytes)
    this.#keepsStream = keepsStream
    this.#clock = clock
    this.#reader = reader
  }

  get isStream(): boolean {
    return this.#isStream === true
  }

  /** Reads an answer that came in one piece when it is first asked. */
  override get flaw(): ExchangeFailure | undefined {
    if (this.#isStream !== true) this.#readWhole()
    const { flaw } = this.#reader
    return flaw === undefined ? undefined : { reason: 'llm_error', example: flaw }
  }

  override add(chunk: Buffer): void {
    if (this.#isStream === undefined) this.#recognise(chunk)
    if (this.#isStream !== true) return super.add(chunk)
    this.#reader.feed(this.#decoder.write(chunk), this.#clock.now())
    if (this.#keepsStream) super.add(chunk)
    else this.receivedBytes += chunk.length
  }

  /** Ends the answer, which must be complete if it is a stream. */
  override end(): void {
    if (this.#isStream === true) this.#reader.end()
    super.end()
  }

  #readWhole(): void {
    if (this.#reader.isRead) return
    try {
      this.#reader.whole(JSON.parse(this.read().toString()))
    } catch (error) {
      this.#reader.flaw ??= `expected an answer of a language model: ${(error as Error).message}`
    }
  }

  #recognise(chunk: Buffer): void {
    this.#beginning += chunk.toString('latin1', 0, 16)
    const text = this.#beginning.replace(/^\xEF\xBB\xBF/, '').trimStart()
    if (text !== '') this.#isStream = EVENT_STREAM.test(text) || 'data'.startsWith(text) || 'event'.startsWith(text)
  }
}
