import type { UnmatchedPath } from '../../contract/ledger.ts'

/** Paths come from outside: so many are kept of a run, and so much of each. */
const MOST_PATHS = 200
const LONGEST_PATH = 200

/** What requests asked for that no operation serves. */
export class UnmatchedPaths {
  readonly #paths = new Map<string, UnmatchedPath>()
  #notKept = 0

  add(method: string, target: string): void {
    const path = target.split('?', 1)[0]!.slice(0, LONGEST_PATH)
    const key = `${method} ${path}`
    const known = this.#paths.get(key)
    if (known !== undefined) known.count += 1
    else if (this.#paths.size < MOST_PATHS) this.#paths.set(key, { method, path, count: 1 })
    else this.#notKept += 1
  }

  report(): { unmatched: UnmatchedPath[]; unmatchedNotKept: number } {
    return { unmatched: [...this.#paths.values()], unmatchedNotKept: this.#notKept }
  }
}
