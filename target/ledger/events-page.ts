import type { EventsAccount } from '../../contract/ledger.ts'
import type { EventsBook } from '../exchange/account.ts'
import { Counts } from './counts.ts'
import type { PageMemory } from './page-memory.ts'

/** Estimate for the count of one stream, measured and rounded up. */
const STREAM_BYTES = 250

/** Events that were handed in during a run. */
export class EventsPage implements EventsBook {
  #received = 0
  #accepted = 0
  #duplicate = 0
  #rejected = 0
  readonly #byStream: Counts

  constructor(memory: PageMemory) {
    this.#byStream = new Counts(() => memory.tryCharge(STREAM_BYTES))
  }

  received(count: number): void {
    this.#received += count
  }

  accepted(stream: string): void {
    this.#accepted += 1
    this.#byStream.add(stream)
  }

  duplicate(): void {
    this.#duplicate += 1
  }

  rejected(count: number): void {
    this.#rejected += count
  }

  report(): Omit<EventsAccount, 'delivered' | 'dropped' | 'unsent'> {
    return {
      received: this.#received,
      accepted: this.#accepted,
      duplicate: this.#duplicate,
      rejected: this.#rejected,
      byStream: this.#byStream.toJSON(),
    }
  }
}
