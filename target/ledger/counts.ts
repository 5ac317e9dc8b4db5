import type { InjectedDeliveries, UnmatchedPath } from '../../contract/ledger.ts'
import type { RunMemory } from './run-memory.ts'

/** Most names that are counted separately: names from clients must not fill the memory. */
const MOST_NAMES = 4096
const REST = '(other)'

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
