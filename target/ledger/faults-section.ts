import type { FaultsBook, FaultSource, StationsBook } from '../exchange/account.ts'
import type { FaultType } from '../../contract/faults/fault.ts'
import type { FaultsAccount } from '../../contract/faults/report.ts'
import type { StationAccount, StationCounts } from '../../contract/faults/station-report.ts'
import { Histogram } from '../../core/histogram.ts'
import { HISTOGRAM_BYTES } from './run-memory.ts'

/** Past this many rules of one run the rest is not kept apart: clients of the control plane may bring ever new ones. */
const MOST_RULES = 256

/** Estimates for a rule, and for the two histograms of its delays; measured and rounded up. */
const RULE_BYTES = 512
const DELAYS_BYTES = 2 * HISTOGRAM_BYTES

interface RuleCounts {
  type: FaultType
  matched: number
  injected: number
  expected: number
  /** Undefined as long as it delayed nothing, or where there is no memory for it. */
  delays?: { planned: Histogram; actual: Histogram }
}

/** Counts the effects of faults during a run, by rule. */
export class FaultsSection implements FaultsBook {
  readonly #hasMemoryFor: (bytes: number) => boolean
  readonly #rules = new Map<string, RuleCounts>()
  #rulesNotKept = 0
  #stalled = 0

  /** @param hasMemoryFor takes so many bytes of the memory budget; returns false when there are none to spare */
  constructor(hasMemoryFor: (bytes: number) => boolean = () => true) {
    this.#hasMemoryFor = hasMemoryFor
  }

  met(source: FaultSource, share: number, injected: boolean): void {
    const counts = this.#countsOf(source)
    if (counts === undefined) return
    counts.matched += 1
    counts.expected += share
    if (injected) counts.injected += 1
  }

  delayed(source: FaultSource, plannedMs: number, actualMs: number): void {
    const counts = this.#countsOf(source)
    if (counts === undefined) return
    if (counts.delays === undefined) {
      if (!this.#hasMemoryFor(DELAYS_BYTES)) return
      counts.delays = { planned: new Histogram(), actual: new Histogram() }
    }
    counts.delays.planned.record(plannedMs)
    counts.delays.actual.record(actualMs)
  }

  stalled(): void {
    this.#stalled += 1
  }

  #countsOf({ id, fault: { type } }: FaultSource): RuleCounts | undefined {
    let counts = this.#rules.get(id)
    if (counts !== undefined) return counts
    if (this.#rules.size >= MOST_RULES || !this.#hasMemoryFor(RULE_BYTES)) {
      this.#rulesNotKept += 1
      return undefined
    }
    counts = { type, matched: 0, injected: 0, expected: 0 }
    this.#rules.set(id, counts)
    return counts
  }

  report(): Omit<FaultsAccount, 'stations'> {
    return {
      rules: [...this.#rules].map(([id, { type, matched, injected, expected, delays }]) => ({
        id,
        type,
        matched,
        injected,
        expected,
        ...(delays && { plannedDelay: delays.planned.toJSON(), actualDelay: delays.actual.toJSON() }),
      })),
      notKept: this.#rulesNotKept,
      stalled: this.#stalled,
    }
  }
}

/** Past this many stations of one run the rest is not kept: clients of the control plane may bring ever new ones. */
const MOST_STATIONS = 256

/** Estimate for a station, mostly its two histograms. */
const STATION_BYTES = 2 * HISTOGRAM_BYTES

interface StationTotals {
  counts: StationCounts
  wait: Histogram
  service: Histogram
}

/** Counts the work of stations during a run. */
export class StationsSection implements StationsBook {
  readonly #stations = new Map<string, StationTotals>()
  readonly #hasMemoryFor: (bytes: number) => boolean

  /** @param hasMemoryFor takes so many bytes of the memory budget; returns false when there are none to spare */
  constructor(hasMemoryFor: (bytes: number) => boolean = () => true) {
    this.#hasMemoryFor = hasMemoryFor
  }

  arrived(station: string): void {
    const { counts } = this.#of(station) ?? {}
    if (counts !== undefined) counts.arrived += 1
  }

  served(station: string, waitMs: number, serviceMs: number): void {
    const found = this.#of(station)
    if (found === undefined) return
    found.counts.served += 1
    found.wait.record(waitMs)
    found.service.record(serviceMs)
  }

  lost(station: string, how: Parameters<StationsBook['lost']>[1]): void {
    const { counts } = this.#of(station) ?? {}
    if (counts !== undefined) counts[how] += 1
  }

  report(): StationAccount[] {
    return Array.from(this.#stations, ([station, { counts, wait, service }]) => ({
      station,
      ...counts,
      wait: wait.toJSON(),
      service: service.toJSON(),
    }))
  }

  #of(name: string): StationTotals | undefined {
    let station = this.#stations.get(name)
    if (station === undefined && this.#stations.size < MOST_STATIONS && this.#hasMemoryFor(STATION_BYTES)) {
      const counts = { arrived: 0, served: 0, turnedAway: 0, timedOut: 0, abandoned: 0, released: 0 }
      station = { counts, wait: new Histogram(), service: new Histogram() }
      this.#stations.set(name, station)
    }
    return station
  }
}
