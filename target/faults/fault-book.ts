import type { FaultRuleReport } from '../../contract/faults/report.ts'
import { Histogram } from '../../core/histogram.ts'

/**
 * The counts of one rule since it was set or its counts were reset. Histograms are created on demand, because most
 * rules never delay.
 */
export class FaultBook {
  matched = 0
  injected = 0
  /** Sum of the shares at each match: the expected number of injections, even if the share ramps. */
  expected = 0
  #delays: { planned: Histogram; actual: Histogram; error: Histogram } | undefined

  met(share: number, injected: boolean): void {
    this.matched += 1
    this.expected += share
    if (injected) this.injected += 1
  }

  /** A fault that takes time: what was drawn, and what it came to. */
  delayed(plannedMs: number, actualMs: number): void {
    this.#delays ??= { planned: new Histogram(), actual: new Histogram(), error: new Histogram() }
    this.#delays.planned.record(plannedMs)
    this.#delays.actual.record(actualMs)
    this.#delays.error.record(Math.abs(actualMs - plannedMs))
  }

  reportDelay(): FaultRuleReport['delay'] {
    const { planned, actual, error } = this.#delays ?? {}
    return planned && actual && error && { planned: planned.toJSON(), actual: actual.toJSON(), error: error.toJSON() }
  }
}
