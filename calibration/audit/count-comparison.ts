import { counted } from '../../harness/report/quantity.ts'
import type { ComparedRow } from './audit-result.ts'
import { repetitionsIn } from './repetitions.ts'
import { difference, recordsIn, type ScopeSides } from './scope.ts'
import { type ToolTraits, totalOf } from './tool-report.ts'
import { isFollowed, type OperationSums } from './truth.ts'

/** Bytes of a response's head and framing: fewer or more are not a head. */
const HEAD_BYTES = { least: 40, most: 4000 }

/** Compares what both sides count: requests, failures, statuses and bytes. */
export function compareCounts(sides: ScopeSides): ComparedRow[] {
  return [requestsRow(sides), ...failureRows(sides), ...statusRows(sides), ...byteRows(sides)]
}

function requestsRow(sides: ScopeSides): ComparedRow {
  const { row, sums, account, traits } = sides
  const { inFlight, late, resent, warmUp, missing, neverReceived } = account
  const compared = difference('requests', 'count', row.requests, sums.arrivals)
  if (compared.difference === 0) return { ...compared, judgement: 'agrees' }
  if (missing > 0) {
    const repeated = repetitionsIn(recordsIn(sides))
    const guess =
      repeated >= missing
        ? `. ${counted(repeated, 'request')} failed and came again: does its client retry, and report the last attempt only?`
        : ', and nothing known explains it'
    const reason = `${counted(missing, 'request')} arrived that the tool does not report${guess}`
    return { ...compared, judgement: 'wrong', reason }
  }
  if (neverReceived > 0) {
    const failed = Math.max(row.failures ?? 0, totalOf(row.errors))
    const reason = `${counted(neverReceived, 'request')} that the tool counts never arrived`
    return failed >= neverReceived
      ? { ...compared, judgement: 'explained', reason: `${reason}; it counts them as failures` }
      : { ...compared, judgement: 'wrong', reason }
  }
  const reasons = [
    ...(inFlight > 0 ? [`${counted(inFlight, 'request')} in flight when the tool stopped`] : []),
    ...(late > 0 ? [`${counted(late, 'request')} after the tool’s last statistics`] : []),
    ...(resent > 0
      ? [`${counted(resent, 'broken request')} that the tool’s client sent again, as one with the first`]
      : []),
    ...(warmUp > 0 ? [`${counted(warmUp, 'request')} that the tool sent before it began to count`] : []),
  ]
  const known = traits.atEnd === 'waits' || inFlight + late === 0 ? '' : ', which is how this tool ends a run'
  return { ...compared, judgement: 'explained', reason: `${reasons.join(' and ')}${known}` }
}

/** Answers that began and were broken off. For the tool they may be failures without a status. */
function brokenOf({ sums: { aborted, cut, unanswered } }: ScopeSides): number {
  return Math.max(0, aborted + cut - unanswered)
}

/**
 * Requests that the tool may or may not have counted, so that other counts may differ by as many. One that it breaks off and counts as an
 * error may have been answered in the meantime.
 */
function slackOf({ row, account: { inFlight, late, warmUp }, traits }: ScopeSides): number {
  return inFlight + late + warmUp + (traits.atEnd === 'errors' ? totalOf(row.errors) : 0)
}

function failureRows(sides: ScopeSides): ComparedRow[] {
  const { row, sums, account, traits } = sides
  if (row.failures === undefined) return []
  const expected = expectedFailures(sides)
  if (expected === undefined) {
    const reason = 'failures are failed checks of the script, which the target cannot know'
    return [
      {
        what: 'failures',
        unit: 'count',
        tool: row.failures,
        truth: badAnswers(sums),
        judgement: 'not_compared',
        reason,
      },
    ]
  }
  const compared = difference('failures', 'count', row.failures, expected)
  const judged = within(compared, slackOf(sides) + brokenOf(sides) + account.neverReceived, {
    harmless: 'requests that broke off, or were in flight at the end, or never arrived may be counted on either side',
    harmful: `the tool counts ${meanings[traits.failure]} as failures, and the ledger has ${expected} of them`,
  })
  const reason = traits.failureByScript === true ? scriptsReason(compared.difference!, sides) : undefined
  return [judged.judgement === 'wrong' && reason !== undefined ? { ...judged, judgement: 'explained', reason } : judged]
}

/** Returns the number of failures that the tool should report, which leaves out those of requests that it left out. */
function expectedFailures({ sums, account, traits }: ScopeSides): number | undefined {
  return failuresOf({ ...sums, unanswered: Math.max(0, sums.unanswered - account.inFlight - account.resent) }, traits)
}

/** Returns how a script's own checks may make such a difference in failures; undefined: they should not. A script that hides errors of the service does. */
function scriptsReason(surplus: number, { sums, row }: ScopeSides): string | undefined {
  if (surplus > 0 && surplus <= row.requests - badAnswers(sums))
    return `the script’s checks or its timeouts may fail ${counted(surplus, 'request')} that the target answered well`
  const refused = countStatuses(sums, status => status >= 400 && status < 500)
  return surplus < 0 && -surplus <= refused
    ? `the script may expect ${counted(-surplus, 'answer')} with 4xx, and count ${surplus === -1 ? 'it' : 'them'} as good`
    : undefined
}

/** Returns the number of requests that a tool of this kind should count as failed; undefined when it depends on the script. */
function failuresOf(sums: OperationSums, { failure }: ToolTraits): number | undefined {
  switch (failure) {
    case 'checks':
      return undefined
    case 'never':
      return 0
    case 'transport':
      return sums.unanswered
    case 'status_400':
      return badAnswers(sums) + sums.unanswered
    case 'not_2xx':
      return countStatuses(sums, status => status < 200 || status >= 300) + sums.unanswered
  }
}

const meanings: Record<ToolTraits['failure'], string> = {
  status_400: 'responses with 400 and up, and requests without a response,',
  not_2xx: 'all responses but 2xx, and requests without a response,',
  transport: 'requests without a response',
  checks: 'failed checks',
  never: 'nothing',
}

function badAnswers(sums: OperationSums): number {
  return countStatuses(sums, status => status >= 400)
}

function countStatuses({ statuses }: OperationSums, isMeant: (status: number) => boolean): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => (isMeant(Number(status)) ? sum + count : sum), 0)
}

function statusRows(sides: ScopeSides): ComparedRow[] {
  const { row, sums } = sides
  if (row.statuses === undefined) return []
  const slack = slackOf(sides) + brokenOf(sides)
  // Some tools count classes only.
  const byClass = Object.keys(row.statuses).some(status => /^\dxx$/i.test(status))
  const theirs = byClass ? classesOf(sums.statuses) : sums.statuses
  const ours = byClass ? lowerCased(row.statuses) : row.statuses
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
    .filter(status => /^\d/.test(status) && status !== '0')
    .sort()
    .map(status =>
      within(difference(`status ${status}`, 'count', ours[status] ?? 0, theirs[status] ?? 0), slack, {
        harmless: 'the difference is among the requests that broke off, or that the tool left out',
        harmful: 'the tool and the target disagree on how requests were answered',
      }),
    )
}

function classesOf(statuses: Record<string, number>): Record<string, number> {
  const classes: Record<string, number> = {}
  for (const [status, count] of Object.entries(statuses)) {
    const name = `${status[0]}xx`
    classes[name] = (classes[name] ?? 0) + count
  }
  return classes
}

function lowerCased(statuses: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(statuses).map(([status, count]) => [status.toLowerCase(), count]))
}

function byteRows(sides: ScopeSides): ComparedRow[] {
  const { row, sums, traits } = sides
  const rows: ComparedRow[] = []
  const answers = totalOf(sums.statuses)
  const slackBytes =
    answers === 0 ? 0 : Math.ceil((2 * (slackOf(sides) + givenUpIn(sides)) * sums.bytesOut) / answers) + partsOf(sides)
  if (row.receivedBytes !== undefined) {
    const compared = difference('bytes received', 'bytes', row.receivedBytes, sums.bytesOut)
    if (traits.bytes === 'heads_and_bodies' && answers > 0 && row.requests > 0) {
      // The tool may have counted fewer responses than there were.
      const responses = Math.min(answers, row.requests)
      const each = row.receivedBytes / responses - sums.bytesOut / answers
      const uncertain = slackBytes / responses
      const isHead = each + uncertain >= HEAD_BYTES.least && each - uncertain <= HEAD_BYTES.most
      const reason = `the tool counts heads too: ${Math.round(each)} bytes a response`
      rows.push(
        compared.difference === 0
          ? { ...compared, judgement: 'agrees' }
          : isHead
            ? { ...compared, judgement: 'explained', reason }
            : { ...compared, judgement: 'wrong', reason: `${reason} is no plausible head` },
      )
    } else {
      rows.push(
        within(compared, slackBytes, {
          harmless: 'the bytes are those of answers that broke off, or that the tool left out',
          harmful: 'both count the bytes of bodies',
        }),
      )
    }
  }
  if (row.sentBytes !== undefined) {
    const compared = difference('bytes sent', 'bytes', row.sentBytes, sums.bytesIn)
    const reason = 'tools differ in what they count as sent'
    rows.push(
      compared.difference === 0
        ? { ...compared, judgement: 'agrees' }
        : { ...compared, judgement: 'not_compared', reason },
    )
  }
  return rows
}

/** Returns the most requests that a client may have given up although the target answered them. */
function givenUpIn(sides: ScopeSides): number {
  const { row, traits } = sides
  return traits.failureByScript === true ? Math.max(0, (row.failures ?? 0) - (expectedFailures(sides) ?? 0)) : 0
}

/** Returns the bytes of answers of which the client may have received a part, or read a part: those that broke off, and streams. */
function partsOf(sides: ScopeSides): number {
  return recordsIn(sides).reduce(
    (sum, { outcome, operation, bytesOut }) =>
      outcome !== 'completed' || isFollowed(operation) ? sum + bytesOut : sum,
    0,
  )
}

function within(row: ComparedRow, slack: number, reasons: { harmless: string; harmful: string }): ComparedRow {
  const distance = Math.abs(row.difference!)
  if (distance === 0) return { ...row, judgement: 'agrees' }
  return distance <= slack
    ? { ...row, judgement: 'explained', reason: reasons.harmless }
    : { ...row, judgement: 'wrong', reason: reasons.harmful }
}
