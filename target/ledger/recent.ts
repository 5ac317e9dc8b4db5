import { operationNames } from '../../contract/api/operations.ts'
import type { RecentRequest } from '../../contract/target-page.ts'
import type { Outcome } from './records.ts'
import type { Row } from './row.ts'

const CAPACITY = 32
const OUTCOMES: readonly Outcome[] = ['completed', 'aborted', 'cut']
/** Numbers that are kept of a request. */
const FIELDS = 11

interface RecentEnd {
  status: number
  outcome: Outcome
  endedAt: number
  late: boolean
}

/** The latest requests and where their time went, for people who watch: a ring of numbers, because it is written for each request. */
export class RecentRequests {
  readonly #numbers = new Float64Array(CAPACITY * FIELDS)
  readonly #runs: string[] = Array.from({ length: CAPACITY }, () => '')
  #written = 0

  add(row: Row, { status, outcome, endedAt, late }: RecentEnd): void {
    // The time of a stream is that of its client.
    if (row.isStream) return
    const slot = this.#written++ % CAPACITY
    const { startedAt, headAt, handlerMs, faulted, operationIndex } = row
    this.#runs[slot] = row.account.run
    const at = slot * FIELDS
    const numbers = this.#numbers
    numbers[at] = operationIndex
    numbers[at + 1] = status
    numbers[at + 2] = OUTCOMES.indexOf(outcome)
    numbers[at + 3] = startedAt
    numbers[at + 4] = endedAt - startedAt
    numbers[at + 5] = faulted?.delayMs ?? 0
    numbers[at + 6] = faulted?.queuedMs ?? 0
    numbers[at + 7] = faulted?.servedMs ?? 0
    numbers[at + 8] = handlerMs ?? 0
    numbers[at + 9] = endedAt - (headAt ?? endedAt)
    numbers[at + 10] = late ? 1 : 0
  }

  /** Returns the latest, newest first. @param wallOffsetMs difference between wall time and monotonic time */
  latest(most: number, wallOffsetMs: number): RecentRequest[] {
    const length = Math.min(most, this.#written, CAPACITY)
    return Array.from({ length }, (_, back) => {
      const slot = (this.#written - 1 - back) % CAPACITY
      const [
        operation,
        status,
        outcome,
        startedAt,
        totalMs,
        delayedMs,
        queuedMs,
        servedMs,
        handlerMs,
        sendingMs,
        late,
      ] = this.#numbers.subarray(slot * FIELDS, (slot + 1) * FIELDS) as unknown as number[]
      return {
        operation: operationNames[operation!]!,
        run: this.#runs[slot]!,
        status: status!,
        outcome: OUTCOMES[outcome!]!,
        startedAt: startedAt! + wallOffsetMs,
        totalMs: totalMs!,
        delayedMs: delayedMs!,
        queuedMs: queuedMs!,
        servedMs: servedMs!,
        handlerMs: handlerMs!,
        sendingMs: sendingMs!,
        late: late === 1,
      }
    })
  }
}
