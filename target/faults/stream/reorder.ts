import type { MemoryTable } from '../../memory/budget.ts'
import { beginWaiting, endWaiting, type Frame } from '../../connections/frame.ts'
import type { Wait } from '../../../core/delay-queue.ts'
import type { MessageFault } from './message-fault.ts'

/** Sends an event after later ones. Of several rules the longest distance applies. */
export const reorder: MessageFault<'reorder'> = {
  concerns: ({ sequence }) => sequence !== undefined,
  treat({ fault: { distance = 1 } }, treatment) {
    treatment.distance = Math.max(treatment.distance, distance)
  },
}

/** Maximum time that a message waits for later ones. */
export const LONGEST_WAIT_MS = 1000

/** A message that is held back until later ones have been sent. */
export interface LateMessage {
  readonly frame: Frame
  /** The partition or channel whose later messages count. */
  readonly sequence: string
  readonly distance: number
  /** Number of later messages sent so far. */
  passed: number
  /** Ends the wait after the maximum time. */
  wait: Wait | undefined
  /** Sends the message. */
  readonly release: (late: LateMessage) => void
}

/** The messages of one connection that are held back, in their original order. */
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

  /** Counts a later message of this sequence that was sent. */
  wentBy(sequence: string): void {
    for (const late of this.#late) if (late.sequence === sequence) late.passed += 1
  }

  /** Removes and returns the first message that enough later ones have passed. */
  takeDue(): LateMessage | undefined {
    const due = this.#late.find(({ passed, distance }) => passed >= distance)
    if (due !== undefined) this.take(late => late === due)
    return due
  }

  /** Removes and returns the wanted messages. */
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
