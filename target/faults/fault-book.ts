import type { FaultRuleReport } from '../../contract/faults/report.ts'
import { Histogram } from '../../core/histogram.ts'

/** What one rule has done since it was set, or its counts were forgotten. Histograms are made once there is something to record: most rules never delay. */
export class FaultBook {
  matched = 0
  injected = 0
  /** Of the shares there were when it matched: a share that grows is held against what it was at each time. */
  expected = 0
  #delays: { planned: Histogram; actual: Histogram; error: Histogram } | undefined

  met(share: number, struck: boolean): void {
    this.matched += 1
    this.expected += share
    if (struck) this.injected += 1
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
