import type { LedgerReport } from '../contract/ledger.ts'
import type { OperationName } from '../contract/api/operations.ts'
import type { ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { row, sumBy } from './rows.ts'

/** Bounds of the work that the target did without a readable response. */
interface Bounds {
  least: number
  most: number
}

const LOST = 'lost'
/** Status of a response that confirms the work even if its body cannot be read. */
const ACCEPTED = '202'

/**
 * Requests whose outcome the harness does not know, because their response was lost or unreadable. The target may have done their work.
 * Work within the bounds gets rows of its own; work beyond them remains a difference.
 */
export class UnknownOutcomes {
  readonly #bounds: { lost: Bounds; unreadable: Bounds }
  readonly #what: string
  #taken = 0

  /** @param what name of the work in the rows, such as `events`. */
  constructor(series: RunResult['series'], operations: readonly OperationName[], what: string) {
    const bounds = { lost: { least: 0, most: 0 }, unreadable: { least: 0, most: 0 } }
    for (const { metric, tags, value } of series) {
      if (metric !== 'outcomes_unknown' || value.kind !== 'counter') continue
      if (!(operations as readonly (string | undefined)[]).includes(tags.operation)) continue
      const bound = tags.reason === LOST ? bounds.lost : bounds.unreadable
      bound.most += value.total
      if (tags.status === ACCEPTED) bound.least += value.total
    }
    this.#bounds = bounds
    this.#what = what
  }

  /** Returns the row of a count, without the work of requests with an unknown outcome. */
  compare(what: string, ours: number, theirs: number): ReconciliationRow {
    const { lost, unreadable } = this.#bounds
    const taken = clamp(theirs - ours, 0, lost.most + unreadable.most - this.#taken)
    this.#taken += taken
    return row(what, ours, theirs - taken)
  }

  /** Work of requests with an unknown outcome that the target did, in the counts compared so far. */
  get taken(): number {
    return this.#taken
  }

  /** Returns a row on the work of lost and of unreadable responses; none if every response was read. */
  rows(): ReconciliationRow[] {
    const { lost, unreadable } = this.#bounds
    // Each class gets its minimum, and then as much of the rest as it may have.
    const sure = Math.min(unreadable.least, this.#taken)
    const ofUnreadable = clamp(this.#taken - Math.min(lost.least, this.#taken - sure), sure, unreadable.most)
    const classes = [
      ['whose answer could not be read', unreadable, ofUnreadable],
      ['whose answer was lost', lost, this.#taken - ofUnreadable],
    ] as const
    return classes
      .filter(([, { most }]) => most > 0)
      .map(([which, { least, most }, theirs]) => row(`${this.#what} ${which}`, clamp(theirs, least, most), theirs))
  }
}

/** Compares responses by operation and status. Those that the target sent and the harness did not receive are counted as lost. */
export class LostAnswers {
  readonly rows: ReconciliationRow[]
  readonly #lost = new Map<string, Map<string, number>>()

  constructor(series: RunResult['series'], { operations }: LedgerReport) {
    const ours = sumBy(series, 'http_reqs', ({ operation, status }) =>
      operation === undefined || status === undefined ? undefined : `${operation} answered ${status}`,
    )
    const withoutAnswer = unansweredBy(series)
    const rows = new Map<string, ReconciliationRow>()
    for (const { operation, statuses, unanswered } of operations) {
      const without = withoutAnswer.get(operation) ?? 0
      // The row differs only if the harness has a response to a request that the target left unanswered.
      if (unanswered > 0)
        rows.set(`${operation} cut off`, row(`${operation} cut off`, Math.min(unanswered, without), unanswered))
      let left = Math.max(0, without - unanswered)
      const lost = new Map<string, number>()
      for (const [status, theirs] of Object.entries(statuses)) {
        const what = `${operation} answered ${status}`
        const missing = clamp(theirs - (ours.get(what) ?? 0), 0, left)
        left -= missing
        if (missing > 0) lost.set(status, missing)
        rows.set(what, row(what, ours.get(what) ?? 0, theirs - missing))
      }
      this.#lost.set(operation, lost)
      const all = [...lost.values()].reduce((sum, count) => sum + count, 0)
      const what = `${operation} answered, and the answer lost`
      if (all > 0) rows.set(what, row(what, all, all))
    }
    for (const [what, count] of ours) {
      if (!rows.has(what) && !what.endsWith(' answered 0')) rows.set(what, row(what, count, 0))
    }
    this.rows = [...rows.values()].sort((a, b) => (a.what < b.what ? -1 : 1))
  }

  /** Returns the number of lost responses with this status. */
  count(status: string, isMeant: (operation: string) => boolean = () => true): number {
    let sum = 0
    for (const [operation, lost] of this.#lost) if (isMeant(operation)) sum += lost.get(status) ?? 0
    return sum
  }
}

/**
 * Returns the number of requests without a response, by operation. A resent request counts as well, for its first time, which the target
 * may or may not have seen.
 */
export function unansweredBy(series: RunResult['series']): Map<string, number> {
  const unanswered = sumBy(series, 'http_reqs', ({ operation, status }) => (status === '0' ? operation : undefined))
  for (const [operation, count] of sumBy(series, 'http_req_resent', ({ operation }) => operation)) {
    unanswered.set(operation, (unanswered.get(operation) ?? 0) + count)
  }
  return unanswered
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
