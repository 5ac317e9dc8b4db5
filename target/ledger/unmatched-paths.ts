import type { UnmatchedPath } from '../../contract/ledger.ts'
import type { PageMemory } from './page-memory.ts'

/** Paths come from outside: so many are kept of a run, and so much of each. */
const MOST_PATHS = 200
const LONGEST_PATH = 200
/** Largest size of a path with its key and its count. */
const PATH_BYTES = 1024

/** Counts the paths of requests that no operation serves. */
export class UnmatchedPaths {
  readonly #paths = new Map<string, UnmatchedPath>()
  readonly #memory: PageMemory
  #notKept = 0

  constructor(memory: PageMemory) {
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
