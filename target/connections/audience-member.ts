import type { Audience } from './audience.ts'
import type { Batch } from './batch.ts'
import type { ConnectionOptions, LiveFaults } from './connection-options.ts'
import type { Frame } from './frame.ts'

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

  abstract readonly terms: AudienceTerms
  /** From this number of bytes on, its socket holds frames back. */
  abstract readonly highWaterMark: number
  /** False once its protocol allows no further frames. */
  abstract readonly canWrite: boolean
  abstract enqueue(frame: Frame): unknown
  /** Takes what was noted for the seat that it leaves, to be written at the end of this turn. */
  abstract takeNoted(noted: Batch): void
  /** Writes what was noted for its seat. Stands up if anything waits afterwards. */
  abstract writeNoted(noted: Batch): void

  /** The batch that was noted for its seat in this turn. */
  protected get noted(): Batch | undefined {
    return this.seat < 0 ? undefined : (this.audience as Audience).notedFor(this.seat)
  }

  protected standUp(): void {
    if (this.seat >= 0) (this.audience as Audience).unseat(this)
  }
}
