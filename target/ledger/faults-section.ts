import { StationBook } from '../capacity/station-book.ts'
import type { FaultsBook, FaultSource, StationsBook } from '../exchange/account.ts'
import type { FaultType } from '../../contract/faults/fault.ts'
import type { FaultsAccount } from '../../contract/faults/report.ts'
import type { StationAccount } from '../../contract/faults/station-report.ts'
import {
  type CountMemory,
  DecisionCounts,
  DelayHistograms,
  HISTOGRAM_BYTES,
  NamedAccounts,
  unlimitedMemory,
} from './counts.ts'

/** Maximum number of rules of one run that are counted separately. Clients of the control plane may set any number of rules. */
const MOST_RULES = 256

/** Estimates for a rule, and for the two histograms of its delays; measured and rounded up. */
const RULE_BYTES = 512
const DELAYS_BYTES = 2 * HISTOGRAM_BYTES

/** Counts of one rule in one run. */
class RuleAccount extends DecisionCounts {
  readonly type: FaultType
  /** Undefined until the rule delays something, or if there is no memory for the histograms. */
  delays: DelayHistograms | undefined

  constructor(type: FaultType) {
    super()
    this.type = type
  }
}

/** Counts the effects of faults during a run, by rule. */
export class FaultsSection implements FaultsBook {
  readonly #memory: CountMemory
  readonly #rules: NamedAccounts<RuleAccount, FaultSource>
  #stalled = 0

  constructor(memory = unlimitedMemory) {
    this.#memory = memory
    this.#rules = new NamedAccounts({
      most: MOST_RULES,
      memory,
      bytesOf: () => RULE_BYTES,
      create: (_id, { fault }) => new RuleAccount(fault.type),
    })
  }

  met(source: FaultSource, share: number, injected: boolean): void {
    this.#rules.of(source.id, source)?.met(share, injected)
  }

  delayed(source: FaultSource, plannedMs: number, actualMs: number): void {
    const rule = this.#rules.of(source.id, source)
    if (rule === undefined) return
    if (rule.delays === undefined) {
      if (!this.#memory.tryCharge(DELAYS_BYTES)) return
      rule.delays = new DelayHistograms()
    }
    rule.delays.record(plannedMs, actualMs)
  }

  stalled(): void {
    this.#stalled += 1
  }

  report(): Omit<FaultsAccount, 'stations'> {
    return {
      rules: Array.from(this.#rules, ([id, { type, matched, injected, expected, delays }]) => ({
        id,
        type,
        matched,
        injected,
        expected,
        ...delays?.report(),
      })),
      notKept: this.#rules.notKept,
      stalled: this.#stalled,
    }
  }
}

/** Maximum number of stations of one run that are counted. Clients of the control plane may set any number of stations. */
const MOST_STATIONS = 256

/** Estimate for a station, mostly its two histograms. */
const STATION_BYTES = 2 * HISTOGRAM_BYTES

/** Counts the work of stations during a run. */
export class StationsSection implements StationsBook {
  readonly #stations: NamedAccounts<StationBook>

  constructor(memory = unlimitedMemory) {
    this.#stations = new NamedAccounts({
      most: MOST_STATIONS,
      memory,
      bytesOf: () => STATION_BYTES,
      create: () => new StationBook(),
    })
  }

  arrived(station: string): void {
    const book = this.#stations.of(station)
    if (book !== undefined) book.arrived += 1
  }

  served(station: string, waitMs: number, serviceMs: number): void {
    const book = this.#stations.of(station)
    if (book === undefined) return
    book.wait.record(waitMs)
    book.completed(serviceMs)
  }

  lost(station: string, how: Parameters<StationsBook['lost']>[1]): void {
    const book = this.#stations.of(station)
    if (book !== undefined) book[how] += 1
  }

  report(): StationAccount[] {
    return Array.from(this.#stations, ([station, book]) => ({ station, ...book.report() }))
  }
}
