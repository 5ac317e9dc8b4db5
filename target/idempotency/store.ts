import { Ring } from '../../core/ring.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { type MemoryBudget, type MemoryTable, textBytes } from '../memory/budget.ts'

export interface StoredAnswer {
  status: number
  headers?: Record<string, string>
  /** JSON. */
  body: string
}

/**
 * The outcome of a request with an Idempotency-Key:
 * - `new`: serve it, then `finish` or `abandon` the claim.
 * - `replay`: it was served; answer as before.
 * - `in_flight`: the same request is being served.
 * - `reused`: the key was used with another body, and the mode is strict.
 */
export type Claim =
  | { kind: 'new'; finish(answer: StoredAnswer): void; abandon(): void }
  | { kind: 'replay'; answer: StoredAnswer }
  | { kind: 'in_flight' }
  | { kind: 'reused' }

interface StoredEntry {
  key: string
  fingerprint: string
  answer: StoredAnswer | undefined
  memoryBytes: number
}

/** Estimate for a key and its answer without their texts, measured and rounded up. */
const ENTRY_BYTES = 700

/** Maximum number of characters in all answers together: those of partly rejected batches are long. */
const MOST_ANSWER_CHARS = 67_108_864

/** Remembers the answers to requests by their Idempotency-Key. Beyond its bound it forgets the oldest. */
export class IdempotencyStore {
  readonly #mostAnswerChars: number
  readonly #entries = new Map<string, StoredEntry>()
  /** Entries in order of completion; some may have been replaced since. */
  readonly #finished = new Ring<StoredEntry>()
  #answerChars = 0
  readonly #memory: MemoryTable

  constructor(memory: MemoryBudget, lifecycle: Lifecycle, mostAnswerChars = MOST_ANSWER_CHARS) {
    this.#memory = memory.table('idempotency', () => this.#forgetOldest())
    this.#mostAnswerChars = mostAnswerChars
    lifecycle.onReset('data', () => this.clear())
  }

  get length(): number {
    return this.#entries.size
  }

  claim(key: string, fingerprint: string, mode: 'lenient' | 'strict', mostKeys: number): Claim {
    const known = this.#entries.get(key)
    if (known !== undefined && known.fingerprint === fingerprint) {
      return known.answer === undefined ? { kind: 'in_flight' } : { kind: 'replay', answer: known.answer }
    }
    if (known !== undefined && mode === 'strict') return { kind: 'reused' }
    const entry: StoredEntry = { key, fingerprint, answer: undefined, memoryBytes: 0 }
    this.#entries.set(key, entry)
    return {
      kind: 'new',
      finish: answer => {
        entry.answer = answer
        this.#finished.push(entry)
        this.#answerChars += answer.body.length
        entry.memoryBytes = ENTRY_BYTES + textBytes(key) + textBytes(answer.body)
        this.#memory.charge(entry.memoryBytes)
        while (this.#finished.length > mostKeys || this.#answerChars > this.#mostAnswerChars) this.#forgetOldest()
      },
      abandon: () => this.#remove(entry),
    }
  }

  clear(): void {
    while (this.#forgetOldest());
    this.#entries.clear()
  }

  #forgetOldest(): boolean {
    const oldest = this.#finished.shift()
    if (oldest === undefined) return false
    this.#answerChars -= (oldest.answer as StoredAnswer).body.length
    this.#memory.release(oldest.memoryBytes)
    this.#remove(oldest)
    return true
  }

  /** Removes the entry unless a later request has taken over its key. */
  #remove(entry: StoredEntry): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key)
  }
}
