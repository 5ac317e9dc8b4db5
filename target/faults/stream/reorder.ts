import type { MemoryTable } from '../../memory/budget.ts'
import { beginWaiting, endWaiting, type Frame } from '../../connections/frame.ts'
import type { Wait } from '../../../core/delay-queue.ts'
import type { MessageFault } from './message-fault.ts'

/** Sends an event behind later ones; of the distances of several rules the longest holds. */
export const reorder: MessageFault<'reorder'> = {
  concerns: ({ sequence }) => sequence !== undefined,
  treat({ fault: { distance = 1 } }, treatment) {
    treatment.distance = Math.max(treatment.distance, distance)
  },
}

/** How long a message waits for later ones. */
export const LONGEST_WAIT_MS = 1000

/** A message that later ones are to go before. */
export interface LateMessage {
  readonly frame: Frame
  /** Only those of the same partition or channel count: no other can be told to be later. */
  readonly sequence: string
  readonly distance: number
  /** How many have gone before it. */
  passed: number
  /** Fires when it has waited long enough. */
  wait: Wait | undefined
  /** Sends it on. */
  readonly release: (late: LateMessage) => void
}

/** Messages of one connection that are kept back for later ones, in the order they came in. */
export class Reordering {
  #late: LateMessage[] = []
  bytes = 0
  readonly #memory: MemoryTable

  constructor(memory: MemoryTable) {
    this.#memory = memory
  }

  get length(): number {
    return this.#late.length
  }

  hold(late: LateMessage): void {
    this.#late.push(late)
    this.bytes += late.frame.bytes.length
    beginWaiting(late.frame, this.#memory)
  }

  /** A later message of this sequence was sent. */
  wentBy(sequence: string): void {
    for (const late of this.#late) if (late.sequence === sequence) late.passed += 1
  }

  /** Takes out the first that has waited for enough later ones. */
  takeDue(): LateMessage | undefined {
    const due = this.#late.find(({ passed, distance }) => passed >= distance)
    if (due !== undefined) this.take(late => late === due)
    return due
  }

  /** Takes those out that are wanted. */
  take(isWanted: (late: LateMessage) => boolean): LateMessage[] {
    const taken = this.#late.filter(isWanted)
    if (taken.length === 0) return taken
    this.#late = this.#late.filter(late => !isWanted(late))
    for (const { frame, wait } of taken) {
      this.bytes -= frame.bytes.length
      endWaiting(frame, this.#memory)
      wait?.cancel()
    }
    return taken
  }

  frames(): Frame[] {
    return this.#late.map(({ frame }) => frame)
  }
}
