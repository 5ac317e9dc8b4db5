import { describe } from '../../../contract/check.ts'
import type { AppliedOperation, Operation } from '../../../contract/sockets/collaboration.ts'
import { Ring } from '../../../core/ring.ts'
import { ProblemError } from '../../problem.ts'
import type { Venue } from '../venues.ts'
import { applied, growth, transform } from './transformation.ts'

/** The step that made a text of this sequence out of the one before. */
export interface Revision {
  sequence: number
  operation: AppliedOperation
  author: string
}

export interface DocumentLimits {
  documentChars: number
  historyOperations: number
}

/** What an operation costs to keep, besides its text. Measured, and rounded up. */
const REVISION_BYTES = 200
const CHARACTER_BYTES = 2

/** A text that its members edit together: the order in which operations come here is the one that everybody applies. */
export class SharedDocument<Member> implements Venue {
  readonly members = new Set<Member>()
  readonly #limits: () => DocumentLimits
  readonly #history = new Ring<Revision>()
  #historyChars = 0
  #text = ''
  #sequence: number

  /** `sequence`: of the empty text that it begins with. */
  constructor(sequence: number, limits: () => DocumentLimits) {
    this.#sequence = sequence
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.members.size === 0
  }

  get text(): string {
    return this.#text
  }

  get sequence(): number {
    return this.#sequence
  }

  /** How many operations it remembers. */
  get operations(): number {
    return this.#history.length
  }

  /** What it takes to keep it, by estimate. */
  get bytes(): number {
    return this.#history.length * REVISION_BYTES + (this.#text.length + this.#historyChars) * CHARACTER_BYTES
  }

  /**
   * Transforms the operation against all that came behind its base, and applies it. More than one revision where a deletion
   * fell apart.
   * @throws ProblemError `invalid_request` when its base is not known (any more), or the text would become too long.
   */
  apply(operation: Operation, author: string): Revision[] {
    const missed = this.since(operation.base ?? this.#sequence)
    if (missed === undefined) {
      throw new ProblemError(
        'invalid_request',
        `expected a base of ${this.#sequence - this.#history.length}…${this.#sequence}, got ${describe(operation.base)}: resume_session gives what was missed`,
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
    // From the back, so that no part moves another.
    return effective(parts)
      .toReversed()
      .map(part => this.#append(part, author))
  }

  /** What came behind this sequence, in order; undefined when that is forgotten, or lies ahead. */
  since(sequence: number): Revision[] | undefined {
    const first = this.#history.length - (this.#sequence - sequence)
    if (first < 0 || first > this.#history.length) return undefined
    const missed: Revision[] = []
    for (let index = first; index < this.#history.length; index += 1) missed.push(this.#history.at(index) as Revision)
    return missed
  }

  /** False when no operation is left to forget. */
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

/** What lies past the end is at the end. Keys that are not ours stay behind. */
function clamped(operation: Operation, chars: number): AppliedOperation {
  const position = Math.min(operation.position, chars)
  if (operation.type === 'insert_text') return { type: operation.type, position, text: operation.text }
  return { type: operation.type, position, length: Math.min(operation.length, chars - position) }
}

/** Without parts that do nothing any more; but one is left, since everybody who asks is answered. */
function effective(parts: AppliedOperation[]): AppliedOperation[] {
  const left = parts.filter(part => growth(part) !== 0)
  return left.length > 0 ? left : parts.slice(0, 1)
}

function charsOf({ operation }: Revision): number {
  return operation.type === 'insert_text' ? operation.text.length : 0
}
