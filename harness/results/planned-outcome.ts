import { failureReasons } from '../metrics/catalog.ts'
import type { RunOutcome } from './run-result.ts'
import type { KindTags } from './user-rows.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import { isRedirect } from '../client/message/redirects.ts'
import type { Snapshot } from '../metrics/snapshot.ts'

const AS_PLANNED: RunOutcome = { state: 'completed', detail: 'The run went through as planned.' }
const MOST_CHECKS_NAMED = 3

/**
 * Returns the outcome of a run that nothing ended early. A run in which nothing succeeded fails whatever its thresholds say,
 * unless a threshold that asks for failures passed: some scenarios expect refusals.
 */
export function plannedOutcome(snapshot: Snapshot, verdicts: readonly ThresholdVerdict[]): RunOutcome {
  const rows = snapshot.errors.rows()
  // The validity of the run gives the reason.
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
  const broken = brokenUser(snapshot)
  if (broken !== undefined) {
    const { load, user, example } = broken
    const who = load === undefined ? user : `${user} in the load ${load}`
    return { state: 'scenario_failed', detail: `Every iteration of the user ${who} threw: ${example}.` }
  }
  const detail =
    describeIdleness(snapshot, { ended, threw, cut }) ??
    (asksFor('http_req_failed', verdicts) ? undefined : describeFailedRequests(snapshot)) ??
    (asksFor('checks', verdicts) ? undefined : describeFailedChecks(snapshot))
  return detail === undefined ? AS_PLANNED : { state: 'nothing_succeeded', detail }
}

/**
 * Returns a kind of user whose iterations all threw although none of its requests failed: the scenario is wrong, and this
 * part of the load was missing. A `StreamError` is a failure of the service, as a failed request is, and thresholds judge it.
 */
function brokenUser(snapshot: Snapshot): (KindTags & { example: string }) | undefined {
  for (const { tags } of snapshot.select('iterations_failed')) {
    const { load, user = '' } = tags
    const kind = { user, ...(load !== undefined && { load }) }
    if (snapshot.total('iterations', kind) + snapshot.total('iterations_interrupted', kind) > 0) continue
    if (snapshot.hits('http_req_failed', kind) > 0) continue
    const row = snapshot.errors
      .rows()
      .find(({ reason, name }) => reason === 'exception' && name.startsWith(`${user}: `))
    if (row !== undefined) return { ...kind, example: row.example }
  }
  return undefined
}

function describeIdleness(
  snapshot: Snapshot,
  { ended, threw, cut }: { ended: number; threw: number; cut: number },
): string | undefined {
  if (ended > 0) return undefined
  const iterations = `${threw} threw, and ${cut} were cut off at the end of the run`
  if (threw > 0) return `No iteration completed: ${iterations}.`
  if (snapshot.total('http_reqs') > 0 || isOpened(snapshot)) return undefined
  return `Nothing was done: no request was sent, and no iteration completed (${iterations}).`
}

function describeFailedRequests(snapshot: Snapshot): string | undefined {
  const requests = snapshot.total('http_reqs')
  if (requests === 0 || succeeded(snapshot) > 0 || isOpened(snapshot)) return undefined
  const [most] = snapshot.errors.rows()
  const why = most === undefined ? '' : `; most frequent error: ${failureReasons[most.reason]} (${most.example})`
  return requests === 1 ? `The only request failed${why}.` : `None of ${requests} requests succeeded${why}.`
}

/** Counts requests that succeeded. A redirect counts only when the scenario handles redirects itself. */
function succeeded(snapshot: Snapshot): number {
  const follows = snapshot.total('http_req_redirects') > 0
  return snapshot
    .select('http_req_failed')
    .filter(({ tags }) => !follows || !isRedirect(Number(tags.status)))
    .reduce((sum, { value }) => sum + value.total - value.hits, 0)
}

function describeFailedChecks(snapshot: Snapshot): string | undefined {
  const checks = snapshot.merged('checks')
  if (checks === undefined || checks.total === 0 || checks.hits > 0) return undefined
  const names = [...new Set(snapshot.select('checks').map(({ tags }) => tags.check ?? ''))]
  const some = names.slice(0, MOST_CHECKS_NAMED).join('; ')
  const more = names.length > MOST_CHECKS_NAMED ? `; and ${names.length - MOST_CHECKS_NAMED} more` : ''
  return `No check passed in ${checks.total} attempts (${some}${more}).`
}

function isOpened(snapshot: Snapshot): boolean {
  return snapshot.total('sse_sessions') + snapshot.total('ws_sessions') + snapshot.total('grpc_streams') > 0
}

/** Tells whether a passed threshold asks for failures: failed requests, or checks that do not hold. */
function asksFor(metric: 'http_req_failed' | 'checks', verdicts: readonly ThresholdVerdict[]): boolean {
  return verdicts.some(verdict => {
    if (verdict.state !== 'passed' || !verdict.metric.trimStart().startsWith(metric)) return false
    const isUpper = verdict.expression.includes('<')
    if (metric === 'http_req_failed') return !isUpper && verdict.observed === 1
    return !verdict.expression.includes('>') && verdict.observed === 0
  })
}
