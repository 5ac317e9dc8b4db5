import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { endedAt } from './truth.ts'

/** Longest time after which a client sends a request again by itself. */
const AGAIN_WITHIN_MS = 60_000
/** Most failures of equal requests that wait for a repetition. */
const MOST_PENDING = 100

/** Returns the number of requests that failed and came again: the same client, the same address and the same body. */
export function repetitionsIn(records: readonly LedgerRecord[]): number {
  const failures = new Map<string, number[]>()
  let repetitions = 0
  for (const record of records.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const key = keyOf(record)
    const earlier = failures.get(key) ?? []
    const at = earlier.findIndex(
      failedAt => failedAt <= record.startedAt && record.startedAt - failedAt < AGAIN_WITHIN_MS,
    )
    if (at !== -1) {
      earlier.splice(at, 1)
      repetitions += 1
    }
    if (isFailed(record)) failures.set(key, [...earlier.slice(-MOST_PENDING), endedAt(record)])
  }
  return repetitions
}

function keyOf({ operation, details }: LedgerRecord): string {
  if (details === undefined) return operation
  return [details.caller, details.method, details.url, details.body].join(' ')
}

function isFailed({ status, outcome }: LedgerRecord): boolean {
  return outcome === 'cut' || status === 429 || status >= 500
}
