import type { FaultType } from '../../contract/faults/fault.ts'
import type { FaultsAccount } from '../../contract/faults/report.ts'
import { Histogram } from '../../core/histogram.ts'
import type { FaultsBook, FaultSource } from './account.ts'

/** Past this many rules of one run the rest is not kept apart: clients of the control plane may bring ever new ones. */
const MOST_RULES = 256

interface RuleCounts {
  type: FaultType
  matched: number
  injected: number
  expected: number
  planned?: Histogram
  actual?: Histogram
}

/** Counts the effects of faults during a run, by rule. */
export class FaultsPage implements FaultsBook {
  readonly #rules = new Map<string, RuleCounts>()
  #rulesNotKept = 0
  #stalled = 0

  met(source: FaultSource, share: number, struck: boolean): void {
    const counts = this.#countsOf(source)
    if (counts === undefined) return
    counts.matched += 1
    counts.expected += share
    if (struck) counts.injected += 1
  }

  delayed(source: FaultSource, plannedMs: number, actualMs: number): void {
    const counts = this.#countsOf(source)
    if (counts === undefined) return
    ;(counts.planned ??= new Histogram()).record(plannedMs)
    ;(counts.actual ??= new Histogram()).record(actualMs)
  }

  stalled(): void {
    this.#stalled += 1
  }

  #countsOf({ id, fault: { type } }: FaultSource): RuleCounts | undefined {
    let counts = this.#rules.get(id)
    if (counts !== undefined) return counts
    if (this.#rules.size >= MOST_RULES) {
      this.#rulesNotKept += 1
      return undefined
    }
    counts = { type, matched: 0, injected: 0, expected: 0 }
    this.#rules.set(id, counts)
    return counts
  }

  report(): Omit<FaultsAccount, 'stations'> {
    return {
      rules: [...this.#rules].map(([id, { type, matched, injected, expected, planned, actual }]) => ({
        id,
        type,
        matched,
        injected,
        expected,
        ...(planned && { plannedDelay: planned.toJSON() }),
        ...(actual && { actualDelay: actual.toJSON() }),
      })),
      notKept: this.#rulesNotKept,
      stalled: this.#stalled,
    }
  }
}
