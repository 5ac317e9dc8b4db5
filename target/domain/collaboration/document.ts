import { describe } from '../../../core/check.ts'
import type { AppliedOperation, TextOperation } from '../../../contract/sockets/collaboration.ts'
import { Ring } from '../../../core/ring.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { Venue } from '../venues.ts'
import { applied, growth, transform } from './transformation.ts'

/** The operation that led to this sequence. */
export interface Revision {
  sequence: number
  operation: AppliedOperation
  author: string
}

export interface DocumentLimits {
  documentChars: number
  historyOperations: number
}

/** Estimate for an operation without its text, measured and rounded up. */
const REVISION_BYTES = 200
const CHARACTER_BYTES = 2

/**
 * A text that its members edit together. All of them apply the operations in the order in which the document received
 * them.
 */
export class SharedDocument<Member> extends Venue<Member> {
  readonly #limits: () => DocumentLimits
  readonly #history = new Ring<Revision>()
  #historyChars = 0
  #text = ''
  #sequence: number

  /** @param sequence sequence of the empty text */
  constructor(sequence: number, limits: () => DocumentLimits) {
    super()
    this.#sequence = sequence
    this.#limits = limits
  }

  get text(): string {
    return this.#text
  }

  get sequence(): number {
    return this.#sequence
  }

  /** Number of operations kept. */
  get operations(): number {
    return this.#history.length
  }

  /** Estimated memory of the document. */
  get bytes(): number {
    return this.#history.length * REVISION_BYTES + (this.#text.length + this.#historyChars) * CHARACTER_BYTES
  }

  /**
   * Transforms the operation against all that followed its base, and applies it. Returns several revisions if a
   * deletion was split.
   * @throws ProblemError `invalid_request` if its base is unknown or forgotten, or the text would become too long
   */
  apply(operation: TextOperation, author: string): Revision[] {
    const missed = this.since(operation.base ?? this.#sequence)
    if (missed === undefined) {
      throw new ProblemError(
        'invalid_request',
        `expected a base of ${this.#sequence - this.#history.length}…${this.#sequence}, got ${describe(operation.base)}: resume_session returns what was missed`,
      )
    }
    const { documentChars } = this.#limits()
    const chars = this.#text.length + (operation.type === 'insert_text' ? operation.text.length : 0)
    if (operation.type === 'insert_text' && chars > documentChars) {
      throw new ProblemError(
        'invalid_request',
        `expected a document of at most ${documentChars} characters, got ${chars}`,
      )
    }
    const baseChars = missed.reduce((length, revision) => length - growth(revision.operation), this.#text.length)
    const parts = missed.reduce(
      (parts, revision) => parts.flatMap(part => transform(part, revision.operation)),
      [clamped(operation, baseChars)],
    )
    // From the end, so that no part shifts another.
    return effective(parts)
      .toReversed()
      .map(part => this.#append(part, author))
  }

  /**
   * Returns the revisions after this sequence, in order; undefined if some are forgotten, or the sequence lies ahead.
   */
  since(sequence: number): Revision[] | undefined {
    const first = this.#history.length - (this.#sequence - sequence)
    if (first < 0 || first > this.#history.length) return undefined
    const missed: Revision[] = []
    for (let index = first; index < this.#history.length; index += 1) missed.push(this.#history.at(index) as Revision)
    return missed
  }

  /** Forgets the oldest operation; returns false if there is none. */
  forgetOldest(): boolean {
    const forgotten = this.#history.shift()
    if (forgotten !== undefined) this.#historyChars -= charsOf(forgotten)
    return forgotten !== undefined
  }

  #append(operation: AppliedOperation, author: string): Revision {
    this.#text = applied(operation, this.#text)
    this.#sequence += 1
    const revision = { sequence: this.#sequence, operation, author }
    this.#history.push(revision)
    this.#historyChars += charsOf(revision)
    const { documentChars, historyOperations } = this.#limits()
    while (this.#history.length > historyOperations || this.#historyChars > documentChars) this.forgetOldest()
    return revision
  }
}

/** Moves positions past the end to the end, and drops unknown keys. */
function clamped(operation: TextOperation, chars: number): AppliedOperation {
  const position = Math.min(operation.position, chars)
  if (operation.type === 'insert_text') return { type: operation.type, position, text: operation.text }
  return { type: operation.type, position, length: Math.min(operation.length, chars - position) }
}

/** Drops parts without effect, but keeps one, because every operation is answered. */
function effective(parts: AppliedOperation[]): AppliedOperation[] {
  const left = parts.filter(part => growth(part) !== 0)
  return left.length > 0 ? left : parts.slice(0, 1)
}

function charsOf({ operation }: Revision): number {
  return operation.type === 'insert_text' ? operation.text.length : 0
}
