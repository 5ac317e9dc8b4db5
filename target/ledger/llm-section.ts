import type { LlmAccount } from '../../contract/llm/ledger.ts'
import { Histogram } from '../../core/histogram.ts'
import type { LlmBook, LlmRequestBook } from '../exchange/account.ts'
import { HISTOGRAM_BYTES, type RunMemory } from './counts.ts'

const HISTOGRAMS = 3

/** Language-model requests of a run and their tokens. */
export class LlmSection implements LlmBook {
  readonly #memory: RunMemory
  /** Created with the first request, because most runs have none. */
  #counts: LlmCounts | undefined

  constructor(memory: RunMemory) {
    this.#memory = memory
  }

  get open(): number {
    return this.#counts?.open ?? 0
  }

  refused(): void {
    this.#used.refused += 1
  }

  admitted(promptTokens: number, isStream: boolean, arrivedAt: number): LlmRequestBook {
    return new OpenRequest(this.#used, promptTokens, isStream, arrivedAt)
  }

  /** Returns the account as part of the report; nothing for a run without requests. */
  report(): { llm?: LlmAccount } {
    return this.#counts === undefined ? {} : { llm: this.#counts.report() }
  }

  get #used(): LlmCounts {
    if (this.#counts === undefined) {
      this.#memory.charge(HISTOGRAMS * HISTOGRAM_BYTES)
      this.#counts = new LlmCounts()
    }
    return this.#counts
  }
}

class LlmCounts {
  requests = 0
  streams = 0
  refused = 0
  completed = 0
  failed = 0
  cut = 0
  slowConsumers = 0
  readonly prompt = { read: 0, completed: 0 }
  readonly completion = { generated: 0, sent: 0, unsent: 0, completed: 0 }
  readonly queueWait = new Histogram()
  readonly timeToFirstToken = new Histogram()
  readonly interTokenLatency = new Histogram()

  get open(): number {
    return this.requests - this.completed - this.failed - this.cut
  }

  report(): LlmAccount {
    return {
      requests: this.requests,
      streams: this.streams,
      refused: this.refused,
      completed: this.completed,
      failed: this.failed,
      cut: this.cut,
      slowConsumers: this.slowConsumers,
      open: this.open,
      promptTokens: { ...this.prompt },
      completionTokens: { ...this.completion },
      queueWait: this.queueWait.toJSON(),
      timeToFirstToken: this.timeToFirstToken.toJSON(),
      interTokenLatency: this.interTokenLatency.toJSON(),
    }
  }
}

class OpenRequest implements LlmRequestBook {
  readonly #counts: LlmCounts
  readonly #promptTokens: number
  readonly #arrivedAt: number
  #generated = 0
  #sent = 0
  #isOpen = true

  constructor(counts: LlmCounts, promptTokens: number, isStream: boolean, arrivedAt: number) {
    this.#counts = counts
    this.#promptTokens = promptTokens
    this.#arrivedAt = arrivedAt
    counts.requests += 1
    if (isStream) counts.streams += 1
    counts.prompt.read += promptTokens
  }

  began(queuedMs: number): void {
    this.#counts.queueWait.record(queuedMs)
  }

  interval(ms: number): void {
    this.#counts.interTokenLatency.record(ms)
  }

  generated(): void {
    this.#generated += 1
    this.#counts.completion.generated += 1
  }

  sent(tokens: number, now: number): void {
    if (this.#sent === 0) this.#counts.timeToFirstToken.record(now - this.#arrivedAt)
    this.#sent += tokens
    this.#counts.completion.sent += tokens
  }

  completed(): void {
    if (!this.#end()) return
    this.#counts.completed += 1
    this.#counts.prompt.completed += this.#promptTokens
    this.#counts.completion.completed += this.#sent
  }

  failed(): void {
    if (this.#end()) this.#counts.failed += 1
  }

  cut(isSlow: boolean): void {
    if (!this.#end()) return
    this.#counts.cut += 1
    if (isSlow) this.#counts.slowConsumers += 1
  }

  #end(): boolean {
    if (!this.#isOpen) return false
    this.#isOpen = false
    this.#counts.completion.unsent += this.#generated - this.#sent
    return true
  }
}
