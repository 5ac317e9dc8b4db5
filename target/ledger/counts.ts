import type { InjectedDeliveries, UnmatchedPath } from '../../contract/ledger.ts'
import type { EncodedHistogram } from '../../core/encoded-histogram.ts'
import { Histogram } from '../../core/histogram.ts'
import type { MemoryTable } from '../memory/budget.ts'

/** Estimate for a histogram of times, measured and rounded up. */
export const HISTOGRAM_BYTES = 60_000

/** The memory of one run's ledger. It is released as a whole when the run is forgotten. */
export class RunMemory {
  readonly #table: MemoryTable
  #bytes = 0
  #isReleased = false

  constructor(table: MemoryTable) {
    this.#table = table
  }

  /** Charges memory that every run needs. */
  charge(bytes: number): void {
    if (this.#isReleased) return
    this.#bytes += bytes
    this.#table.charge(bytes)
  }

  /** Charges memory for a separate count; without it the ledger counts several things together. */
  tryCharge(bytes: number): boolean {
    if (this.#isReleased || !this.#table.tryCharge(bytes)) return false
    this.#bytes += bytes
    return true
  }

  /** Releases everything. Requests under way may still write to the ledger of a forgotten run, without a charge. */
  release(): void {
    this.#table.release(this.#bytes)
    this.#bytes = 0
    this.#isReleased = true
  }
}

/** Memory that separate counts are charged to. */
export type CountMemory = Pick<RunMemory, 'tryCharge'>

export const unlimitedMemory: CountMemory = { tryCharge: () => true }

export interface NamedAccountsOptions<Account, Subject> {
  most: number
  memory: CountMemory
  /** Returns the estimated size of an account. */
  bytesOf: (name: string) => number
  create: (name: string, subject: Subject) => Account
}

/** Accounts by name, created on demand. Names come from clients, so the number of accounts and their memory are bounded. */
export class NamedAccounts<Account, Subject = void> {
  readonly #accounts = new Map<string, Account>()
  readonly #options: NamedAccountsOptions<Account, Subject>
  /** Number of times that there was no room for another account. */
  notKept = 0

  constructor(options: NamedAccountsOptions<Account, Subject>) {
    this.#options = options
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name)
  }

  /** Returns the account of a name; undefined if there is no room for a new one. */
  of(name: string, subject: Subject): Account | undefined {
    return this.#accounts.get(name) ?? this.#add(name, subject)
  }

  [Symbol.iterator](): Iterator<[name: string, account: Account]> {
    return this.#accounts.entries()
  }

  values(): Iterable<Account> {
    return this.#accounts.values()
  }

  #add(name: string, subject: Subject): Account | undefined {
    const { most, memory, bytesOf, create } = this.#options
    if (this.#accounts.size >= most || !memory.tryCharge(bytesOf(name))) {
      this.notKept += 1
      return undefined
    }
    const account = create(name, subject)
    this.#accounts.set(name, account)
    return account
  }
}

/** Maximum number of names that are counted separately. */
export const MOST_NAMES = 4096
/** Name under which everything beyond a bound is counted. */
export const REST = '(other)'

/** Counts by name, bounded in number. */
export class Counts {
  readonly #counts = new Map<string, number>()
  readonly #mayAdd: () => boolean

  /** @param mayAdd returns whether there is memory for one more name */
  constructor(mayAdd: () => boolean = () => true) {
    this.#mayAdd = mayAdd
  }

  add(name: string, amount = 1): void {
    const count = this.#counts.get(name)
    if (count !== undefined) this.#counts.set(name, count + amount)
    else if (this.#counts.size < MOST_NAMES && this.#mayAdd()) this.#counts.set(name, amount)
    else this.#counts.set(REST, (this.#counts.get(REST) ?? 0) + amount)
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}

/** Counts the effects of faults on the events of a stream, or of an endpoint. */
export class InjectedCounts {
  duplicated = 0
  reordered = 0
  malformed = 0

  /** Returns the counts as part of an account; nothing if no fault had an effect. */
  report(): { injected?: InjectedDeliveries } {
    const { duplicated, reordered, malformed } = this
    return duplicated + reordered + malformed === 0 ? {} : { injected: { duplicated, reordered, malformed } }
  }
}

/** Planned and actual times of the delays that faults cause. */
export class DelayHistograms {
  readonly planned = new Histogram()
  readonly actual = new Histogram()

  record(plannedMs: number, actualMs: number): void {
    this.planned.record(plannedMs)
    this.actual.record(actualMs)
  }

  report(): { plannedDelay: EncodedHistogram; actualDelay: EncodedHistogram } {
    return { plannedDelay: this.planned.toJSON(), actualDelay: this.actual.toJSON() }
  }
}

/** Counts the decisions of a fault rule. */
export class DecisionCounts {
  matched = 0
  injected = 0
  /** Sum of the shares at each match: the expected number of injections, even if the share ramps. */
  expected = 0

  met(share: number, injected: boolean): void {
    this.matched += 1
    this.expected += share
    if (injected) this.injected += 1
  }
}

/** Paths come from clients, so their number and length are bounded. */
const MOST_PATHS = 200
const LONGEST_PATH = 200
/** Largest size of a path with its key and its count. */
const PATH_BYTES = 1024

/** Counts the paths of requests that no operation serves. */
export class UnmatchedPaths {
  readonly #paths = new Map<string, UnmatchedPath>()
  readonly #memory: RunMemory
  #notKept = 0

  constructor(memory: RunMemory) {
    this.#memory = memory
  }

  add(method: string, target: string): void {
    const path = target.split('?', 1)[0]!.slice(0, LONGEST_PATH)
    const key = `${method} ${path}`
    const known = this.#paths.get(key)
    if (known !== undefined) known.count += 1
    else if (this.#paths.size < MOST_PATHS && this.#memory.tryCharge(PATH_BYTES))
      this.#paths.set(key, { method, path, count: 1 })
    else this.#notKept += 1
  }

  report(): { unmatched: UnmatchedPath[]; unmatchedNotKept: number } {
    return { unmatched: [...this.#paths.values()], unmatchedNotKept: this.#notKept }
  }
}
