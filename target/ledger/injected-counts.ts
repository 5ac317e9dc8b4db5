import type { InjectedDeliveries } from '../../contract/ledger.ts'

/** Counts the effects of faults on the events of a stream, or of an endpoint. */
export class InjectedCounts {
  duplicated = 0
  reordered = 0
  malformed = 0

  /** As part of an account: nothing when nothing was done. */
  report(): { injected?: InjectedDeliveries } {
    const { duplicated, reordered, malformed } = this
    return duplicated + reordered + malformed === 0 ? {} : { injected: { duplicated, reordered, malformed } }
  }
}
