import { shortened } from '../../core/shortened.ts'
import type { FailureReason } from './catalog.ts'
import type { Failure } from './recorder.ts'

const MOST_ROWS = 200
const LONGEST_EXAMPLE = 300
const OTHER_NAME = '(other)'

export interface ErrorRow {
  reason: FailureReason
  name: string
  status?: number
  count: number
  /** Offsets from the start of the run. */
  firstMs: number
  lastMs: number
  /** One example in words. */
  example: string
}

/**
 * Failures by reason, name and status: their number, first and last time, and an example. Recording is bounded; merged tables
 * keep all their rows, so that the order of merges does not matter.
 */
export class ErrorTable {
  readonly #rows = new Map<string, ErrorRow>()

  record(failure: Failure, offsetMs: number): void {
    this.#add(
      this.#bounded({
        ...failure,
        example: shortened(failure.example, LONGEST_EXAMPLE),
        count: 1,
        firstMs: offsetMs,
        lastMs: offsetMs,
      }),
    )
  }

  merge(rows: Iterable<ErrorRow>): void {
    for (const row of rows) this.#add(row)
  }

  /** Returns the rows, most frequent first. */
  rows(): ErrorRow[] {
    return [...this.#rows.values()]
      .filter(({ count }) => count > 0)
      .map(row => ({ ...row }))
      .sort((a, b) => b.count - a.count || a.firstMs - b.firstMs || (keyOf(a) < keyOf(b) ? -1 : 1))
  }

  /** Sets all counts to zero. The rows still count towards the bound. */
  reset(): void {
    for (const row of this.#rows.values()) row.count = 0
  }

  /** Returns the row; beyond the bound, without the status and name, which servers and scenarios may invent. */
  #bounded(row: ErrorRow): ErrorRow {
    if (this.#rows.size < MOST_ROWS || this.#rows.has(keyOf(row))) return row
    const { status: _, ...rest } = row
    return { ...rest, name: OTHER_NAME }
  }

  #add(row: ErrorRow): void {
    const key = keyOf(row)
    const known = this.#rows.get(key)
    if (known === undefined || known.count === 0) {
      this.#rows.set(key, { ...row })
    } else {
      known.count += row.count
      if (row.firstMs < known.firstMs || (row.firstMs === known.firstMs && row.example < known.example)) {
        known.firstMs = row.firstMs
        known.example = row.example
      }
      known.lastMs = Math.max(known.lastMs, row.lastMs)
    }
  }
}

function keyOf({ reason, name, status }: Pick<ErrorRow, 'reason' | 'name' | 'status'>): string {
  return `${reason} ${status ?? ''} ${name}`
}
