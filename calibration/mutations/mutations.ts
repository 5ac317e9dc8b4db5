import type { KnownOperation } from '../../contract/api/operations.ts'
import type { Fault } from '../../contract/faults/fault.ts'
import type { Mutation, MutationPlan, MutationRule } from './mutation.ts'

/** Share of requests that fail; of answers and confirmations that are spoilt; of events that are. */
const FAILED_SHARE = 0.05
const SPOILT_SHARE = 0.2
const EVENTS_SHARE = 0.1

const SLOW_SHARE = 0.1
/** A service that answers within milliseconds is not slow for anybody when it takes ten times as long. */
const LEAST_SLOW_MS = 1000

const STALL_MS = 2000
/** The service stands still for the first request of each window, which is over when it goes on. */
const STALL_WINDOWS = Array.from({ length: 50 }, (_, index) => ({ from: 1000 + 3500 * index, to: 1500 + 3500 * index }))

const CUT_AFTER_MS = 1000
const CUT_SHARE = 0.5

const answers = 'requests whose answers are JSON'
const events = 'events over a stream or a WebSocket'

/** Mutations of the service that an audit tries, from its answers to its connections. */
export const mutations: readonly Mutation[] = [
  {
    id: 'errors',
    title: 'one request in twenty is answered with 500',
    plan: ({ requests }) => on(requests, 'requests', { type: 'status', status: 500 }, FAILED_SHARE),
    check: 'count every status of 400 and up as a failure, and let a threshold on failures fail the run',
  },
  {
    id: 'error_body',
    title: 'one answer in five has its status and the body of an error',
    plan: ({ json }) => on(json, answers, { type: 'corrupt', how: 'error_body' }, SPOILT_SHARE),
    check: 'look for a field that only a good answer has, such as its id, and not at the status alone',
  },
  {
    id: 'empty_body',
    title: 'one answer in five has no body',
    plan: ({ json }) => on(json, answers, { type: 'corrupt', how: 'empty_body' }, SPOILT_SHARE),
    check: 'parse the body of each answer, and fail when it has none',
  },
  {
    id: 'truncated_json',
    title: 'one answer in five ends in the middle of its JSON',
    plan: ({ json }) => on(json, answers, { type: 'corrupt', how: 'truncated_json' }, SPOILT_SHARE),
    check: 'parse the body of each answer, and fail when it is no JSON',
  },
  {
    id: 'missing_field',
    title: 'one answer in five lacks a field',
    plan: ({ json }) => on(json, answers, { type: 'corrupt', how: 'missing_field' }, SPOILT_SHARE),
    check: 'check that each answer has the fields that its readers need, or check it against its schema',
  },
  {
    id: 'null_field',
    title: 'one answer in five has a null in place of a value',
    plan: ({ json }) => on(json, answers, { type: 'corrupt', how: 'null_field' }, SPOILT_SHARE),
    check: 'check the type of the fields that readers need, or check each answer against its schema',
  },
  {
    id: 'wrong_id',
    title: 'one answer in five is about another id than was asked for',
    plan: ({ byId }) =>
      on(byId, 'requests for one thing by its id', { type: 'corrupt', how: 'wrong_id' }, SPOILT_SHARE),
    check: 'compare the id in each answer with the one that was asked for',
  },
  {
    id: 'empty_list',
    title: 'one list in five has no elements',
    plan: ({ lists }) => on(lists, 'requests for lists', { type: 'corrupt', how: 'empty_list' }, SPOILT_SHARE),
    check: 'check that lists have as many elements as they must have',
  },
  {
    id: 'slow',
    title: 'one request in ten takes ten times the 99th percentile longer, at least 1 s',
    plan({ requests, p99Ms }) {
      const distribution = Math.max(LEAST_SLOW_MS, Math.round(10 * p99Ms))
      return on(requests, 'requests', { type: 'delay', distribution }, SLOW_SHARE)
    },
    check: 'set a threshold on a high percentile of the latency, such as p(95) < 300 ms',
  },
  {
    id: 'stall',
    title: 'the whole service stands still for 2 s, again and again',
    plan({ requests, open }) {
      const stall = { fault: { type: 'stall', duration: STALL_MS }, window: STALL_WINDOWS } as const
      if (requests.length > 0) return { rules: [{ operations: requests, ...stall }] }
      return { rules: [{ operations: open, scope: 'message', ...stall }] }
    },
    check: 'set a threshold on a high percentile of the latency, measured from when requests are due',
  },
  {
    id: 'expired_token',
    title: 'one request in twenty is refused with 401, as if its token had expired',
    plan: ({ admitted }) =>
      on(admitted, 'requests with a token', { type: 'status', status: 401, body: EXPIRED }, FAILED_SHARE),
    check: 'count 401 as a failure, or get another token and count how often that was needed',
  },
  {
    id: 'too_many_requests',
    title: 'one request in twenty is refused with 429',
    plan: ({ requests }) => on(requests, 'requests', { type: 'status', status: 429, retryAfter: '1s' }, FAILED_SHARE),
    check: 'count 429 as a failure, or obey its Retry-After and count how often that was needed',
  },
  {
    id: 'cut_request',
    title: 'the connection of one request in twenty is cut',
    plan: ({ requests }) => on(requests, 'requests', { type: 'reset', at: 'after_handler' }, FAILED_SHARE),
    check: 'count requests without an answer as failures',
  },
  {
    id: 'cut_stream',
    title: 'half of the streams and WebSockets are cut after a second',
    plan: ({ open }) => on(open, 'streams or WebSockets', { type: 'disconnect', after: CUT_AFTER_MS }, CUT_SHARE),
    check: 'count connections that end before the script ends them, or how often it connects again',
  },
  {
    id: 'lost_events',
    title: 'one event in ten is lost',
    plan: ({ delivering }) => on(delivering, events, { type: 'drop' }, EVENTS_SHARE),
    check: 'check that the sequence or the offset of each event follows the one before',
  },
  {
    id: 'repeated_events',
    title: 'one event in ten comes twice',
    plan: ({ delivering }) => on(delivering, events, { type: 'duplicate' }, EVENTS_SHARE),
    check: 'remember the ids or offsets of events, and fail when one comes again',
  },
  {
    id: 'reordered_events',
    title: 'one event in ten comes behind a later one',
    plan: ({ delivering }) => on(delivering, events, { type: 'reorder' }, EVENTS_SHARE),
    check: 'check that sequences or offsets only grow',
  },
  {
    id: 'malformed_events',
    title: 'one event in ten is no JSON',
    plan: ({ delivering }) => on(delivering, events, { type: 'malformed' }, EVENTS_SHARE),
    check: 'parse each event, and fail when it is no JSON',
  },
  {
    id: 'wrong_reply',
    title: 'one reply in five is to another message',
    plan: ({ asking }) => on(asking, 'requests over a WebSocket', { type: 'misdirected_ack' }, SPOILT_SHARE),
    check: 'compare the id or channel in each reply with that of the message that was sent',
  },
  {
    id: 'silent_stream',
    title: 'streams and WebSockets stay open, and nothing comes any more',
    plan({ delivering }) {
      const silent = on(delivering, events, { type: 'drop' }, 1)
      if ('reason' in silent) return silent
      return { rules: [...silent.rules, { operations: delivering, fault: { type: 'mute_heartbeats' } }] }
    },
    check: 'set a time within which something must come, or a threshold on the number of events',
  },
  {
    id: 'failed_jobs',
    title: 'every job fails',
    plan: ({ jobs }) => (jobs > 0 ? { rules: [], settings: { reports: { failureRate: 1 } } } : { reason: NO_JOBS }),
    injected: ({ ledger }) => ledger.reports.failed,
    check: 'poll jobs to their end, and check that they were completed',
  },
  {
    id: 'endless_jobs',
    title: 'no job ever ends',
    plan: ({ jobs }) => (jobs > 0 ? { rules: [], settings: { reports: { duration: '1h' } } } : { reason: NO_JOBS }),
    injected: ({ ledger }) => ledger.reports.queued,
    check: 'give up on a job after a time, and count it as a failure',
  },
]

const NO_JOBS = 'it submits no jobs'
const EXPIRED = { title: 'The token has expired.', status: 401, code: 'token_expired' }

function on(
  operations: readonly KnownOperation[],
  what: string,
  fault: Fault,
  share: number,
): MutationPlan | { reason: string } {
  if (operations.length === 0) return { reason: `it has no ${what}` }
  const rule: MutationRule = { operations, fault, share }
  return { rules: [rule] }
}
