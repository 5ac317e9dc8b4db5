import type { Audience } from './audience.ts'
import type { Batch } from './batch.ts'
import type { ConnectionOptions, LiveFaults } from './connection-options.ts'
import type { Frame } from './frame.ts'
import type { Wire } from './wire.ts'
import { SeatSums } from './seat-sums.ts'

/** Decides about frames for all connections that have it in common. */
export interface AudienceTerms extends Pick<ConnectionOptions, 'flusher' | 'budget'> {
  readonly allFaults: LiveFaults['all']
}

/** A connection as its audience sees it. It is a base class, because each further object is a wait for memory. */
export abstract class AudienceMember {
  /** The audience in which it may have a seat: the first that it joined. */
  audience: Audience | undefined
  /** Its seat there; −1 while it stands. */
  seat = -1
  /** The sums for its seat when it was last counted. */
  counted = SeatSums.nothing

  abstract readonly terms: AudienceTerms
  /** From this number of bytes on, its socket holds frames back. */
  abstract readonly highWaterMark: number
  abstract readonly wire: Wire
  abstract enqueue(frame: Frame): unknown
  /** Takes what was noted for the seat that it leaves, to be written at the end of this turn. */
  abstract takeNoted(noted: Batch): void
  /** Writes what was noted for its seat. */
  abstract writeNoted(noted: Batch): void
  /** Called when what was noted was written for it. Stands up if anything waits. */
  abstract wroteNoted(noted: Batch): void
  /** Counts what was written for its seat between two times. */
  abstract count(written: SeatSums, before: SeatSums): void

  /** Counts what was written for its seat so far. Until then only its audience knows, so that a write touches no accounts. */
  settle(): void {
    if (this.seat >= 0) (this.audience as Audience).settle(this)
  }

  /** The batch that was noted for its seat in this turn. */
  protected get noted(): Batch | undefined {
    return this.seat < 0 ? undefined : (this.audience as Audience).notedFor(this.seat)
  }

  protected standUp(): void {
    if (this.seat >= 0) (this.audience as Audience).unseat(this)
  }
}
