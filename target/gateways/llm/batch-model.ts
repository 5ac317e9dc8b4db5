/** Costs and limits of a server with continuous batching. Times in ms. */
export interface BatchSettings {
  prefillMsPerToken: number
  stepBaseMs: number
  stepMsPerSequence: number
  /** Maximum number of tokens in a step. Decoding comes first; prompts share the rest. */
  stepTokens: number
  /** Maximum number of sequences in the batch. */
  maxBatch: number
  /** Tokens that the key-value cache holds. */
  kvTokens: number
  /** Maximum number of requests that wait. */
  queue: number
}

/** The size of a request: its prompt is read once, and each of its sequences gets tokens of its own. */
export interface ModelRequest {
  promptTokens: number
  /** Number of tokens of each sequence, at least 1. */
  outputTokens: readonly number[]
  /** Cache that the request takes from its admission to its end. */
  reservedTokens: number
}

/** A request in the queue or in the batch. */
export class BatchEntry implements ModelRequest {
  readonly promptTokens: number
  readonly outputTokens: readonly number[]
  readonly reservedTokens: number
  readonly arrivedAt: number
  /** When it left the queue for the batch. */
  admittedAt: number | undefined
  /** Number of prompt tokens that were read. */
  read = 0
  /** Number of tokens that each sequence was given, as far as it goes: all sequences of a request keep step. */
  given = 0
  state: 'queued' | 'running' | 'ended' = 'queued'
  /** Prompt tokens that the step under way reads. */
  chunk = 0

  constructor({ promptTokens, outputTokens, reservedTokens }: ModelRequest, arrivedAt: number) {
    this.promptTokens = promptTokens
    this.outputTokens = outputTokens
    this.reservedTokens = reservedTokens
    this.arrivedAt = arrivedAt
  }

  /** Number of sequences that have not ended. */
  get live(): number {
    let live = 0
    for (const tokens of this.outputTokens) if (tokens > this.given) live += 1
    return live
  }

  get isRead(): boolean {
    return this.read === this.promptTokens
  }
}

/** `full`: the queue has no place. `too_large`: it would not fit if it were alone. */
export type BatchRefusal = 'full' | 'too_large'

/** Receives a token of a sequence. @param ordinal from 0 */
export type GiveToken<Entry> = (entry: Entry, sequence: number, ordinal: number) => void

/**
 * A server with continuous batching, in simulated time: it works in steps, and the batch may change at each. A step gives a token to
 * every sequence whose prompt is read, and reads prompts in chunks with the rest of its token budget. The step that reads the last
 * chunk of a prompt also gives the first token. Requests are admitted in order of arrival, once their sequences and their cache fit;
 * none overtakes. The model reads no clock.
 */
export class BatchModel<Entry extends BatchEntry = BatchEntry> {
  settings: BatchSettings
  readonly #queue = new Set<Entry>()
  readonly #batch = new Set<Entry>()
  #sequences = 0
  #usedTokens = 0

  constructor(settings: BatchSettings) {
    this.settings = settings
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Number of sequences that have a place in the batch. */
  get sequences(): number {
    return this.#sequences
  }

  /** Cache that is taken. */
  get usedTokens(): number {
    return this.#usedTokens
  }

  /** Returns why a request cannot be taken; undefined if it can. */
  refusalOf({ outputTokens, reservedTokens }: ModelRequest): BatchRefusal | undefined {
    const { maxBatch, kvTokens, queue } = this.settings
    if (outputTokens.length > maxBatch || reservedTokens > kvTokens) return 'too_large'
    let sequences = this.#sequences + outputTokens.length
    let usedTokens = this.#usedTokens + reservedTokens
    // Requests that have a place from the next step on do not wait for one.
    let waiting = this.#queue.size
    for (const entry of this.#queue) {
      sequences += entry.outputTokens.length
      usedTokens += entry.reservedTokens
      if (sequences - outputTokens.length > maxBatch || usedTokens - reservedTokens > kvTokens) break
      waiting -= 1
    }
    const hasPlace = waiting === 0 && sequences <= maxBatch && usedTokens <= kvTokens
    return hasPlace || waiting < queue ? undefined : 'full'
  }

  /** Adds a request that is not refused. */
  enqueue(entry: Entry): void {
    this.#queue.add(entry)
  }

  /** Ends a request whose client left. A step under way takes as long as it was planned to. */
  remove(entry: Entry): void {
    if (this.#queue.delete(entry)) entry.state = 'ended'
    else if (this.#batch.has(entry)) this.#end(entry)
  }

  /** Begins a step at this time, or when the next request comes if that is later. Returns its end; undefined if there is nothing to do. */
  begin(now: number): number | undefined {
    const [first] = this.#queue
    const startsAt = this.#batch.size === 0 && first !== undefined ? Math.max(now, first.arrivedAt) : now
    this.#admit(startsAt)
    if (this.#batch.size === 0) return undefined
    const { stepTokens, stepBaseMs, stepMsPerSequence, prefillMsPerToken } = this.settings
    let served = 0
    for (const entry of this.#batch) if (entry.isRead) served += entry.live
    // A prompt is never starved: a step reads at least one token of it.
    let budget = Math.max(1, stepTokens - served)
    let prefill = 0
    for (const entry of this.#batch) {
      if (entry.isRead) continue
      entry.chunk = Math.min(entry.promptTokens - entry.read, budget)
      budget -= entry.chunk
      prefill += entry.chunk
      if (entry.chunk > 0 && entry.read + entry.chunk === entry.promptTokens) served += entry.live
    }
    return startsAt + stepBaseMs + stepMsPerSequence * served + prefillMsPerToken * prefill
  }

  /**
   * Ends the step under way: gives its tokens, and frees the places of the requests that have all of theirs.
   * @param done called after the last token of a request
   */
  end(give: GiveToken<Entry>, done: (entry: Entry) => void): void {
    for (const entry of this.#batch) {
      if (!entry.isRead) {
        entry.read += entry.chunk
        entry.chunk = 0
        if (!entry.isRead) continue
      }
      const ordinal = entry.given
      entry.given += 1
      const isLast = entry.live === 0
      // A listener may remove any request, this one as well.
      for (let sequence = 0; sequence < entry.outputTokens.length && entry.state === 'running'; sequence++) {
        if (entry.outputTokens[sequence]! > ordinal) give(entry, sequence, ordinal)
      }
      if (!isLast || entry.state !== 'running') continue
      this.#end(entry)
      done(entry)
    }
  }

  #admit(now: number): void {
    const { maxBatch, kvTokens } = this.settings
    for (const entry of this.#queue) {
      const fits =
        entry.arrivedAt <= now &&
        this.#sequences + entry.outputTokens.length <= maxBatch &&
        this.#usedTokens + entry.reservedTokens <= kvTokens
      // A request that no longer fits at all, because the settings changed, has the server to itself.
      if (!fits && !(this.#batch.size === 0 && entry.arrivedAt <= now)) return
      this.#queue.delete(entry)
      this.#batch.add(entry)
      this.#sequences += entry.outputTokens.length
      this.#usedTokens += entry.reservedTokens
      entry.admittedAt = now
      entry.state = 'running'
    }
  }

  #end(entry: Entry): void {
    this.#batch.delete(entry)
    this.#sequences -= entry.outputTokens.length
    this.#usedTokens -= entry.reservedTokens
    entry.state = 'ended'
  }
}
