import type { LedgerReport } from '../../../contract/ledger.ts'
import { Histogram } from '../../../core/histogram.ts'
import type { TrendName } from '../../../harness/metrics/catalog.ts'
import { trendOf } from '../../series.ts'
import type { HarnessBench, Lateness, MeasuredRun } from '../bench.ts'
import type { SubjectFindings } from '../subject.ts'
import { injectedTimes } from './injected-times.ts'
import { additionRow, quantileRows } from './quantile-rows.ts'

/** A time of streams or WebSockets, delayed by the rules `<rules>-fast` and `<rules>-slow`. */
export interface LiveClock {
  what: string
  trend: TrendName
  /** Name of the delayed stream or socket, and of one that nothing delays. */
  name: string
  control: string
  rules: string
  /** Another time that the rules delay, and that is no sample of this clock. */
  besides?: { trend: TrendName; name: string }
}

/** Limit of a time that nothing delays, in the median. It contains the work of the target, such as a handshake or a publish. */
const MOST_ADDITION_MS = 5

/** Returns the rows on clocks whose whole time, where nothing is delayed, is what the harness and the network add. */
export function liveRows(
  bench: HarnessBench,
  clocks: readonly LiveClock[],
  { result, ledger, late }: MeasuredRun & { late: readonly Lateness[] },
): Required<SubjectFindings> {
  const checked = clocks.map(({ what, trend, name, control, rules, besides }) => {
    const undelayed = trendOf(result, trend, { name: control })
    const { count } = undelayed
    const addition = { to: what, medianMs: undelayed.percentile(50), p99Ms: undelayed.percentile(99), count }
    const accounted = trendOf(result, trend, { name })
    if (besides !== undefined) accounted.merge(trendOf(result, besides.trend, { name: besides.name }))
    const rows = quantileRows({
      what,
      observed: trendOf(result, trend, { name }),
      accounted,
      configured: injectedTimes,
      injected: actualDelays(ledger, rules),
      additionMs: addition.medianMs,
      level: bench.level,
      late,
    })
    return { addition, rows: [...rows, additionRow(addition, MOST_ADDITION_MS, late)] }
  })
  return { rows: checked.flatMap(({ rows }) => rows), additions: checked.map(({ addition }) => addition) }
}

function actualDelays({ faults }: LedgerReport, rules: string): Histogram {
  const sum = new Histogram()
  for (const { id, actualDelay } of faults.rules) {
    if (id.startsWith(`${rules}-`) && actualDelay !== undefined) sum.merge(Histogram.fromJSON(actualDelay))
  }
  return sum
}
