import { formatCount } from '../../core/number-format.ts'
import { endedAt } from '../audit/truth.ts'
import { distinct, exampleOf, type Reviewer, recordsOf } from './evidence.ts'

const FEWEST = 20
/** Shortest pause between two polls of a job where the answer did not say how long to wait. */
const POLL_PAUSE_MS = 100
const FEWEST_POLLS = 5

/** Paths that nothing serves. */
export const unmatchedPaths: Reviewer = ({ ledger: { unmatched, unmatchedNotKept }, operations }) => {
  const count = unmatched.reduce((sum, path) => sum + path.count, 0) + unmatchedNotKept
  const [worst] = unmatched.toSorted((a, b) => b.count - a.count)
  if (worst === undefined) return undefined
  const example = operations.get('unmatched')?.[0]
  const shown = unmatched
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 3)
    .map(({ method, path, count }) => `${method} ${path} (${formatCount(count)})`)
  return {
    id: 'unmatched-paths',
    harm: 'high',
    title: `${count === 1 ? '1 request was' : `${formatCount(count)} requests were`} for paths that the target does not serve: ${shown.join(', ')}`,
    count,
    ...(example && { example: exampleOf(example) }),
    why: 'A 404 costs nearly nothing. It makes the service look fast.',
    advice: 'Check the paths against /docs of the target, and let the script fail on 404.',
  }
}

/** All requests of one operation. */
export const singleOperation: Reviewer = ({ ledger: { operations } }) => {
  const used = operations.filter(({ arrivals }) => arrivals > 0)
  const [only] = used
  if (only === undefined || used.length > 1 || only.arrivals < FEWEST) return undefined
  return {
    id: 'single-operation',
    harm: 'low',
    title: `all ${formatCount(only.arrivals)} requests are of ${only.operation}`,
    count: only.arrivals,
    of: only.arrivals,
    why: 'Real traffic mixes operations that compete for the same threads, connections and caches.',
    advice: 'Add the other operations of a user’s way through the service, in their usual shares.',
  }
}

/** Created tasks that nobody deletes. */
export const leftoverData: Reviewer = evidence => {
  const created = recordsOf(evidence, 'tasks.create').filter(({ status }) => status === 201)
  const deleted = recordsOf(evidence, 'tasks.delete').filter(({ status }) => status === 204)
  const count = created.length - deleted.length
  if (created.length < FEWEST || count < 0.5 * created.length) return undefined
  return {
    id: 'leftover-data',
    harm: 'low',
    title: `${formatCount(created.length)} tasks were created and ${formatCount(deleted.length)} deleted`,
    count,
    of: created.length,
    example: exampleOf(created[0]!),
    why: 'What a test leaves behind slows down the next one, so that two runs cannot be compared.',
    advice: 'Delete what the script creates, or reset the service before each run.',
  }
}

/** Jobs that were submitted and never looked at. */
export const unpolledJobs: Reviewer = evidence => {
  const submitted = recordsOf(evidence, 'reports.create').filter(({ status }) => status === 202)
  const polled = distinct(recordsOf(evidence, 'reports.get').map(({ details }) => details.url.replace(/\?.*$/, '')))
  const count = submitted.length - polled
  if (submitted.length < FEWEST_POLLS || count < 0.5 * submitted.length) return undefined
  return {
    id: 'unpolled-jobs',
    harm: 'medium',
    title: `${formatCount(submitted.length)} jobs were submitted, and ${formatCount(polled)} were polled`,
    count,
    of: submitted.length,
    example: exampleOf(submitted[0]!),
    why: 'The answer to a submit is quick by design. Whether the work is done, and when, is what matters.',
    advice: 'Poll each job until it is completed or failed, and measure the time until then.',
  }
}

/** Jobs that were polled faster than told. */
export const hastyPolls: Reviewer = evidence => {
  const byJob = Map.groupBy(recordsOf(evidence, 'reports.get'), ({ details }) => details.url.replace(/\?.*$/, ''))
  const hasty = [...byJob.values()].flatMap(polls =>
    polls.slice(1).filter((poll, index) => {
      const before = polls[index]!
      return poll.startedAt - endedAt(before) < (before.details.retryAfterMs ?? POLL_PAUSE_MS) - 1
    }),
  )
  if (hasty.length < FEWEST_POLLS) return undefined
  return {
    id: 'hasty-polls',
    harm: 'low',
    title: `${formatCount(hasty.length)} polls of jobs came sooner than the target had told`,
    count: hasty.length,
    of: [...byJob.values()].reduce((sum, { length }) => sum + length, 0),
    example: exampleOf(hasty[0]!),
    why: 'Polls that find nothing new are load that real clients do not make.',
    advice: 'Wait for as long as Retry-After says between two polls.',
  }
}
