import { formatCount } from '../../core/number-format.ts'
import { endedAt } from '../audit/truth.ts'
import { type DetailedRecord, exampleOf, type ReviewEvidence, type Reviewer } from './evidence.ts'

/** Time within which a request is an immediate repetition of one that failed. */
const IMMEDIATE_MS = 50
const FEWEST = 5
const FEWEST_EARLY = 3

/** Requests before `Retry-After` had run out. */
export const ignoredRetryAfter: Reviewer = evidence => {
  const early = nextRequests(evidence).filter(
    ({ failed, next }) => next.startedAt < endedAt(failed) + (failed.details.retryAfterMs ?? 0) - 1,
  )
  const count = Math.max(early.length, evidence.ledger.rateLimits.early)
  if (count < FEWEST_EARLY) return undefined
  const limited = evidence.records.filter(({ details }) => details.retryAfterMs !== undefined).length
  return {
    id: 'ignored-retry-after',
    harm: 'medium',
    title: `${formatCount(count)} requests came before the Retry-After of an earlier answer had run out`,
    count,
    ...(limited > 0 && { of: limited }),
    ...(early[0] && { example: exampleOf(early[0].next) }),
    why: 'A client that does not wait keeps an overloaded service overloaded, and mostly measures refusals.',
    advice: 'After 429 and 503, wait for as long as Retry-After says, and a random while more.',
  }
}

/** Failed requests that were sent again at once. */
export const immediateRetries: Reviewer = evidence => {
  const failures = nextRequests(evidence, ({ status }) => status >= 500)
  const repeated = failures.filter(
    ({ failed, next }) =>
      next.operation === failed.operation &&
      next.details.url === failed.details.url &&
      next.details.body === failed.details.body &&
      next.startedAt - endedAt(failed) < IMMEDIATE_MS,
  )
  const usual = shareOfRepetitions(evidence)
  // A script that always asks for the same is not retrying.
  if (repeated.length < FEWEST || repeated.length / failures.length < 2 * usual) return undefined
  return {
    id: 'immediate-retries',
    harm: 'medium',
    title: `${formatCount(repeated.length)} of ${formatCount(failures.length)} failed requests were repeated within ${IMMEDIATE_MS} ms`,
    count: repeated.length,
    of: failures.length,
    example: exampleOf(repeated[0]!.next),
    why: 'Retries without a pause double the load in the moment in which the service can bear it least.',
    advice: 'Wait longer with each attempt, and a random part of it (exponential backoff with jitter).',
  }
}

interface Repetition {
  failed: DetailedRecord
  /** The next request of the same connection. */
  next: DetailedRecord
}

function nextRequests(
  { connections }: ReviewEvidence,
  isMeant: (record: DetailedRecord) => boolean = ({ details }) => details.retryAfterMs !== undefined,
): Repetition[] {
  return [...connections.values()].flatMap(records =>
    records.flatMap((failed, index) => {
      const next = records[index + 1]
      return next !== undefined && isMeant(failed) ? [{ failed, next }] : []
    }),
  )
}

/** Returns the share of good requests that are followed by the same again. */
function shareOfRepetitions(evidence: ReviewEvidence): number {
  const good = nextRequests(evidence, ({ status }) => status > 0 && status < 400)
  if (good.length === 0) return 0
  const same = good.filter(
    ({ failed, next }) => next.details.url === failed.details.url && next.details.body === failed.details.body,
  )
  return same.length / good.length
}
