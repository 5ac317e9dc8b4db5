import type { MemoryTable } from '../../memory/budget.ts'
import type { MessageContent } from './message-encoder.ts'

/** A message that waits for its acknowledgement. */
export interface Unacknowledged {
  content: MessageContent
  /** How often it was refused with a NACK. */
  refusals: number
}

/** Estimate for one of them without its text, measured on strings and rounded up. */
const ENTRY_BYTES = 500

/** The unacknowledged messages of a subscription in the order of their delivery, by the name that an ACK uses. */
export class AcknowledgementWindow {
  readonly #memory: MemoryTable
  readonly #waiting = new Map<string, Unacknowledged>()

  constructor(memory: MemoryTable) {
    this.#memory = memory
  }

  get size(): number {
    return this.#waiting.size
  }

  has(name: string): boolean {
    return this.#waiting.has(name)
  }

  /** Returns whether there was memory for it. */
  tryAdd(name: string, message: Unacknowledged): boolean {
    if (!this.#memory.tryCharge(bytesOf(message))) return false
    this.#waiting.set(name, message)
    return true
  }

  /** Removes a message, and all before it if the acknowledgement is cumulative. Returns them, oldest first. */
  take(name: string, isCumulative: boolean): Unacknowledged[] {
    const named = this.#waiting.get(name)
    if (named === undefined) return []
    const taken: Unacknowledged[] = []
    for (const [each, message] of isCumulative ? [...this.#waiting] : []) {
      if (each === name) break
      taken.push(this.#remove(each, message))
    }
    taken.push(this.#remove(name, named))
    return taken
  }

  clear(): void {
    for (const [name, message] of this.#waiting) this.#remove(name, message)
  }

  #remove(name: string, message: Unacknowledged): Unacknowledged {
    this.#waiting.delete(name)
    this.#memory.release(bytesOf(message))
    return message
  }
}

function bytesOf({ content }: Unacknowledged): number {
  return ENTRY_BYTES + 2 * content.rest.length
}
