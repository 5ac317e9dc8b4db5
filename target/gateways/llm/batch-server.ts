import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue, Wait } from '../../../core/delay-queue.ts'
import type { Live } from '../../configuration/settings.ts'
import { BatchEntry, BatchModel, type ModelRequest, type BatchSettings, type BatchRefusal } from './batch-model.ts'

/** Receives what the server does for a request. */
export interface BatchListener {
  token(sequence: number, ordinal: number): void
  /** Called after its last token, and not for a request that was removed. */
  ended(): void
}

/** A request at the server. */
export class BatchJob extends BatchEntry {
  readonly listener: BatchListener

  constructor(request: ModelRequest, arrivedAt: number, listener: BatchListener) {
    super(request, arrivedAt)
    this.listener = listener
  }
}

export interface BatchServerDependencies {
  settings: Live<BatchSettings>
  clock: Pick<Clock, 'now'>
  delays: Pick<DelayQueue, 'at'>
}

/**
 * Runs the model in real time. It runs on planned time: a step begins when the one before was due to end, not when the event loop
 * got to it. A late event loop therefore delays tokens, but it never makes the server slower.
 */
export class BatchServer {
  readonly #dependencies: BatchServerDependencies
  readonly #model: BatchModel<BatchJob>
  #step: { endsAt: number; wait: Wait } | undefined
  #isClosed = false

  constructor(dependencies: BatchServerDependencies) {
    this.#dependencies = dependencies
    this.#model = new BatchModel(dependencies.settings.current)
  }

  get limits(): BatchSettings {
    return this.#dependencies.settings.current
  }

  get queued(): number {
    return this.#model.queued
  }

  get sequences(): number {
    return this.#model.sequences
  }

  get usedTokens(): number {
    return this.#model.usedTokens
  }

  /** Takes a request, or returns why not. Its listener is never called within this call. */
  submit(request: ModelRequest, listener: BatchListener): BatchJob | BatchRefusal {
    this.#model.settings = this.#dependencies.settings.current
    const refusal = this.#isClosed ? 'full' : this.#model.refusalOf(request)
    if (refusal !== undefined) return refusal
    const now = this.#dependencies.clock.now()
    const job = new BatchJob(request, now, listener)
    this.#model.enqueue(job)
    if (this.#step === undefined) this.#begin(now)
    return job
  }

  /** Ends a request without telling its listener. */
  remove(job: BatchJob): void {
    this.#model.remove(job)
  }

  close(): void {
    this.#isClosed = true
    this.#step?.wait.cancel()
    this.#step = undefined
  }

  #begin(now: number): void {
    const endsAt = this.#model.begin(now)
    this.#step =
      endsAt === undefined ? undefined : { endsAt, wait: this.#dependencies.delays.at(endsAt, () => this.#end(endsAt)) }
  }

  #end(endsAt: number): void {
    this.#model.end(giveToken, tellEnd)
    if (this.#isClosed) return
    this.#model.settings = this.#dependencies.settings.current
    this.#begin(endsAt)
  }
}

function giveToken({ listener }: BatchJob, sequence: number, ordinal: number): void {
  listener.token(sequence, ordinal)
}

function tellEnd({ listener }: BatchJob): void {
  listener.ended()
}
