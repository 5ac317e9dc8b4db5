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

/** Failures by reason, name and status: how many, first and last, and one example in words. Bounded. */
export class ErrorTable {
  readonly #rows = new Map<string, ErrorRow>()

  record(failure: Failure, offsetMs: number): void {
    this.#add({
      ...failure,
      example: failure.example.slice(0, LONGEST_EXAMPLE),
      count: 1,
      firstMs: offsetMs,
      lastMs: offsetMs,
    })
  }

  merge(rows: Iterable<ErrorRow>): void {
    for (const row of rows) this.#add(row)
  }

  /** Most frequent first. */
  rows(): ErrorRow[] {
    return [...this.#rows.values()].map(row => ({ ...row })).sort((a, b) => b.count - a.count || a.firstMs - b.firstMs)
  }

  #add(row: ErrorRow): void {
    const known = this.#rows.get(keyOf(row))
    if (known === undefined && this.#rows.size >= MOST_ROWS && row.name !== OTHER_NAME) {
      const { status: _, ...rest } = row
      this.#add({ ...rest, name: OTHER_NAME })
    } else if (known === undefined) {
      this.#rows.set(keyOf(row), { ...row })
    } else {
      known.count += row.count
      if (row.firstMs < known.firstMs) {
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
