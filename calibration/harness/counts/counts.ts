import type { LedgerReport } from '../../../contract/ledger.ts'
import type { ReconciliationRow } from '../../../harness/results/ledger-findings.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { type CheckRow, exactRow } from '../../check-row.ts'
import { reconcile } from '../../reconcile.ts'
import { trendOf } from '../../series.ts'
import { withRules } from '../../trial.ts'
import { type HarnessBench, measured, type MeasuredRun } from '../bench.ts'
import type { Subject } from '../subject.ts'
import type { CountCase } from './count-case.ts'
import { countCases, SIGNAL_AFTER_MS } from './count-cases.ts'

/** Runs at the same time. */
const MOST_AT_ONCE = 9
/** Differing counts that a row names. */
const MOST_EXAMPLES = 3

export const counts: Subject = {
  name: 'counts',
  title: 'Counts',
  question: 'Do harness and ledger count the same under every executor, fault, disturbance and signal?',
  method:
    'Users send requests, publish and follow events, open sockets and queue jobs. Afterwards every count of the result is compared with the ledger’s.',
  async check(bench) {
    const { together, alone } = countCases(bench.size)
    const rows: CheckRow[] = []
    for (let from = 0; from < together.length; from += MOST_AT_ONCE) {
      rows.push(...(await countRows(bench, together.slice(from, from + MOST_AT_ONCE))))
    }
    for (const each of alone) rows.push(...(await countRows(bench, [each])))
    return { rows }
  },
}

/** Runs cases at the same time, and returns their rows. */
export async function countRows(bench: HarnessBench, cases: readonly CountCase[]): Promise<CheckRow[]> {
  const rules = cases.flatMap(each => each.rules)
  const runs = await withRules(bench, rules, () => Promise.all(cases.map(each => runCase(bench, each))))
  return cases.flatMap((each, index) => rowsOf(each, runs[index]!))
}

async function runCase(bench: HarnessBench, { name, definition, end }: CountCase): Promise<MeasuredRun> {
  const stop = new AbortController()
  const run = measured(bench, `counts, ${name}`, definition, end === undefined ? {} : { [end]: stop.signal })
  if (end !== undefined) {
    await bench.clock.sleep(SIGNAL_AFTER_MS)
    stop.abort()
  }
  return run
}

function rowsOf({ name, isWhole, end }: CountCase, { result, ledger }: MeasuredRun): CheckRow[] {
  const { rows } = reconcile(result, ledger)
  // A run that stops at once gives up what is under way without counting it.
  const isDifferent = ({ what, difference }: ReconciliationRow) =>
    end === 'kill' ? difference > 0 && !what.startsWith('consumers whose') : difference !== 0
  const differing = rows.filter(isDifferent)
  const kind = end === 'kill' ? 'above those of the ledger' : 'that differ'
  const examples = differing.map(({ what, harness, ledger }) => `${what}: harness ${harness}, ledger ${ledger}`)
  const what = [`${name}: counts of ${rows.length} ${kind}`, ...examples.slice(0, MOST_EXAMPLES)].join('; ')
  const compared = [exactRow(what, 0, differing.length)]
  return isWhole ? [...compared, timedRow(name, result, ledger)] : compared
}

/** Returns the row on the number of times. Every request with a response has one, except streams and sockets. */
function timedRow(name: string, result: IncompleteResult, { operations }: LedgerReport): CheckRow {
  const answered = operations
    .filter(({ operation }) => !/^(streams|sockets)\./.test(operation))
    .flatMap(({ statuses }) => Object.values(statuses))
    .reduce((sum, count) => sum + count, 0)
  return exactRow(
    `${name}: responses by the ledger, and their times`,
    answered,
    trendOf(result, 'http_req_duration').count,
  )
}
