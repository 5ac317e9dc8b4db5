import { type CounterName, type MetricKind, type MetricName, metrics, type Tags } from '../metrics/catalog.ts'

const iterationEnds: readonly MetricName[] = [
  'iterations',
  'iterations_failed',
  'iterations_interrupted',
  'dropped_iterations',
]

/** Metrics of sessions, which last over several phases: they are also evidence in phases after the one in which they began. */
const lasting: ReadonlySet<string> = new Set(['sse_sessions', 'ws_sessions', 'grpc_streams'])

/**
 * Metrics whose samples are evidence that a counter could have counted. A counter without samples is zero only with such
 * evidence: `event_gaps` is zero once events have arrived, and unknown before. A counter that is missing here is its own
 * evidence.
 */
const evidence: Partial<Record<CounterName, readonly MetricName[]>> = {
  event_gaps: ['sse_events', 'ws_events', 'grpc_events'],
  event_duplicates: ['sse_events', 'ws_events', 'grpc_events'],
  event_out_of_order: ['sse_events', 'ws_events', 'grpc_events'],
  event_timestamp_errors: ['sse_events', 'ws_events', 'grpc_events'],
  sse_events: ['sse_sessions'],
  sse_resets: ['sse_sessions'],
  ws_msgs_sent: ['ws_sessions'],
  ws_msgs_received: ['ws_sessions'],
  ws_events: ['ws_sessions'],
  grpc_streams_msgs_sent: ['grpc_streams'],
  grpc_streams_msgs_received: ['grpc_streams'],
  grpc_events: ['grpc_streams'],
  grpc_resets: ['grpc_streams'],
  reconnects: ['sse_sessions', 'ws_sessions'],
  outcomes_unknown: ['http_reqs'],
  events_accepted: ['events_published'],
  events_duplicate: ['events_published'],
  events_rejected: ['events_published'],
  http_req_retries: ['http_reqs'],
  http_req_resent: ['http_reqs'],
  http_req_http2: ['http_reqs'],
  http_req_cut: ['http_reqs'],
  jobs_completed: ['jobs_submitted'],
  jobs_failed: ['jobs_submitted'],
  tokens_refreshed: ['tokens_issued'],
  llm_prompt_tokens: ['llm_requests'],
  llm_completion_tokens: ['llm_requests'],
  iterations: iterationEnds,
  iterations_failed: iterationEnds,
  iterations_interrupted: iterationEnds,
  dropped_iterations: iterationEnds,
}

/** Tags of iterations, by which they can be evidence for a metric of the scenario. */
const ofIterations: readonly string[] = ['user', 'task', 'load', 'phase', 'place']

/** Returns the tags by which the samples of `proof` are selected as evidence for a metric. */
export function evidenceSelector(metric: string, proof: string, selector: Tags): Tags {
  if (lasting.has(proof)) return without(selector, tag => tag === 'phase')
  const isOwn = proof === metric || Object.hasOwn(metrics, metric)
  return isOwn ? selector : without(selector, tag => !ofIterations.includes(tag))
}

function without(tags: Tags, isLeftOut: (tag: string) => boolean): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => !isLeftOut(tag)))
}

/**
 * Returns the metrics whose samples are evidence for a metric: itself, unless it has others. A counter that the scenario declares is
 * zero once an iteration has ended.
 */
export function evidenceOf(metric: string, kind: MetricKind): readonly string[] {
  if (kind !== 'counter') return [metric]
  return evidence[metric as CounterName] ?? (Object.hasOwn(metrics, metric) ? [metric] : iterationEnds)
}
