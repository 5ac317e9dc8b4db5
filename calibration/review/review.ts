import type { ReviewFinding } from '../audit/audit-result.ts'
import { ignored401, staleToken, tokenPerRequest } from './authentication.ts'
import { hastyPolls, leftoverData, singleOperation, unmatchedPaths, unpolledJobs } from './coverage.ts'
import { fewIds, fewQueries, identicalBodies, repeatedEventIds, reusedIdempotencyKey } from './data.ts'
import type { ReviewEvidence, Reviewer } from './evidence.ts'
import { connectionPerRequest, cpuLimit, simultaneousStart, thinkTime } from './pacing.ts'
import { ignoredRetryAfter, immediateRetries } from './retries.ts'
import { reconnectBurst, shortStreams, silentSockets, slowReaders, unresumedStreams } from './streams.ts'

const reviewers: readonly Reviewer[] = [
  unmatchedPaths,
  tokenPerRequest,
  staleToken,
  ignored401,
  repeatedEventIds,
  reusedIdempotencyKey,
  cpuLimit,
  connectionPerRequest,
  simultaneousStart,
  thinkTime,
  fewIds,
  fewQueries,
  identicalBodies,
  ignoredRetryAfter,
  immediateRetries,
  reconnectBurst,
  shortStreams,
  slowReaders,
  unresumedStreams,
  unpolledJobs,
  hastyPolls,
  silentSockets,
  leftoverData,
  singleOperation,
]

const harms: readonly ReviewFinding['harm'][] = ['high', 'medium', 'low']

/** Reviews a load script by what it did. Returns findings, the most harmful first, and among equals the most frequent. */
export function review(evidence: ReviewEvidence): ReviewFinding[] {
  return reviewers
    .map(reviewer => reviewer(evidence))
    .filter(finding => finding !== undefined)
    .sort((a, b) => harms.indexOf(a.harm) - harms.indexOf(b.harm) || b.count - a.count)
}
