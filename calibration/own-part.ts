import type { RunResult } from '../harness/results/run-result.ts'
import { totalsOf } from '../harness/results/totals.ts'
import { Snapshot } from '../harness/metrics/snapshot.ts'

/** Only rates depend on it, which no ledger has. */
const ANY_MS = 1000

type Counted = Pick<RunResult, 'series' | 'totals'>

/** Returns the part of a result that the target's ledger can know: without the requests to other servers of the scenario. */
export function ownPart<Result extends Counted>(result: Result): Result {
  if (result.series.every(({ tags }) => tags.host === undefined)) return result
  const series = result.series.filter(({ tags }) => tags.host === undefined)
  const counted = series.flatMap(one => (one.value.kind === 'gauge' ? [] : [{ ...one, value: one.value }]))
  return { ...result, series, totals: totalsOf(Snapshot.fromJSON({ series: counted, errors: [] }), [], ANY_MS) }
}
