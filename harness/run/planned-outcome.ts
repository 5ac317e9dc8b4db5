import { failureReasons } from '../../contract/metrics.ts'
import type { RunOutcome, Verdict } from '../../contract/run-result.ts'
import { isRedirect } from '../client/redirects.ts'
import type { Snapshot } from '../metrics/snapshot.ts'

const AS_PLANNED: RunOutcome = { state: 'completed', detail: 'The run went through as planned.' }
const MOST_CHECKS_NAMED = 3

/**
 * How a run came out that nothing ended early. One in which nothing succeeded has shown nothing, whatever its thresholds
 * say, unless one of them asks for failures and got them: some scenarios want to be refused.
 */
export function plannedOutcome(snapshot: Snapshot, verdicts: readonly Verdict[]): RunOutcome {
  const rows = snapshot.errors.rows()
  // Then the validity of the run says why.
  if (rows.some(({ reason }) => reason === 'exhausted')) return AS_PLANNED
  const [ended, threw, cut] = [
    snapshot.total('iterations'),
    snapshot.total('iterations_failed'),
    snapshot.total('iterations_interrupted'),
  ]
  const exception = rows.find(({ reason }) => reason === 'exception')
  if (exception !== undefined && ended === 0 && cut === 0) {
    return { state: 'scenario_failed', detail: `Every iteration threw: ${exception.example}.` }
  }
  const detail =
    whyNothingWasDone(snapshot, { ended, threw, cut }) ??
    (asksFor('http_req_failed', verdicts) ? undefined : whyNoRequestSucceeded(snapshot)) ??
    (asksFor('checks', verdicts) ? undefined : whyNoCheckHeld(snapshot))
  return detail === undefined ? AS_PLANNED : { state: 'nothing_succeeded', detail }
}

function whyNothingWasDone(
  snapshot: Snapshot,
  { ended, threw, cut }: { ended: number; threw: number; cut: number },
): string | undefined {
  if (ended > 0) return undefined
  const iterations = `${threw} threw, and ${cut} were cut off at the end of the run`
  if (threw > 0) return `No iteration came to its end: ${iterations}.`
  if (snapshot.total('http_reqs') > 0 || isOpened(snapshot)) return undefined
  return `Nothing was done: no request was sent, and no iteration came to its end (${iterations}).`
}

function whyNoRequestSucceeded(snapshot: Snapshot): string | undefined {
  const requests = snapshot.total('http_reqs')
  if (requests === 0 || succeeded(snapshot) > 0 || isOpened(snapshot)) return undefined
  const [most] = snapshot.errors.rows()
  const why = most === undefined ? '' : `, most of them by this: ${failureReasons[most.reason]} (${most.example})`
  return `Not one of ${requests} requests succeeded${why}.`
}

/** A redirect that was followed only leads to a request that may succeed; one that the scenario looks at itself is an answer. */
function succeeded(snapshot: Snapshot): number {
  const follows = snapshot.total('http_req_redirects') > 0
  return snapshot
    .select('http_req_failed')
    .filter(({ tags }) => !follows || !isRedirect(Number(tags.status)))
    .reduce((sum, { value }) => sum + value.total - value.hits, 0)
}

function whyNoCheckHeld(snapshot: Snapshot): string | undefined {
  const checks = snapshot.merged('checks')
  if (checks === undefined || checks.total === 0 || checks.hits > 0) return undefined
  const names = [...new Set(snapshot.select('checks').map(({ tags }) => tags.check ?? ''))]
  const some = names.slice(0, MOST_CHECKS_NAMED).join('; ')
  const more = names.length > MOST_CHECKS_NAMED ? `; and ${names.length - MOST_CHECKS_NAMED} more` : ''
  return `Not one check held in ${checks.total} times (${some}${more}).`
}

function isOpened(snapshot: Snapshot): boolean {
  return snapshot.total('sse_sessions') + snapshot.total('ws_sessions') > 0
}

/** Tells whether a passed threshold asks for failures: failed requests, or checks that do not hold. */
function asksFor(metric: 'http_req_failed' | 'checks', verdicts: readonly Verdict[]): boolean {
  return verdicts.some(verdict => {
    if (verdict.state !== 'passed' || !verdict.metric.trimStart().startsWith(metric)) return false
    const isUpper = verdict.expression.includes('<')
    if (metric === 'http_req_failed') return !isUpper && verdict.observed === 1
    return !verdict.expression.includes('>') && verdict.observed === 0
  })
}
