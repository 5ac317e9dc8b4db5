/** counter: a sum. rate: hits among all samples. gauge: the last value. trend: a distribution, of times in ms or of other values. */
export type MetricKind = 'counter' | 'rate' | 'gauge' | 'trend'

/** `unit` is what a value counts in. Those of the harness are `count`, `bytes`, `ms` and `share`. */
export interface MetricDefinition {
  kind: MetricKind
  unit: string
  description: string
}

/** Every metric of the harness. Names are k6's where k6 has one. */
export const metrics = {
  http_reqs: counter('Answered and failed HTTP requests, stream openings included.'),
  http_req_failed: rate(
    'Requests without an answer, or with a status the request did not expect (400 and up by default).',
  ),
  http_req_rate_limited: rate('Answers that were 429: the target said to slow down.'),
  http_req_retries: counter('Requests that were sent again under their retry policy.'),
  http_req_resent: counter(
    'GETs, HEADs and OPTIONS sent once more on a new connection, because the server was just closing the kept-alive one. Each is one request.',
  ),
  http_req_cut: counter(
    'Answers that were cut off after their head, by a timeout or the network: the server may have written more than was read.',
  ),
  http_req_http2: counter('Requests with an answer over HTTP/2, stream openings included. All others are HTTP/1.1.'),
  http_req_redirects: counter('Redirects that were followed; each leads to another request.'),
  http_req_duration: trend(
    'Response time: from when the request was due to its last byte = send_delay + http_req_blocked + http_req_service_time.',
  ),
  http_req_service_time: trend('From the moment the request was written to a connection to its last byte.'),
  http_req_blocked: trend('From handing the request to the client until a connection took it, connecting included.'),
  http_req_waiting: trend('From writing the request to the head of its answer.'),
  http_connecting: trend(
    'From opening a connection for requests or a stream until it is ready, its tunnel through a proxy and its TLS handshake included. Kept-alive connections are opened once.',
  ),
  tls_handshaking: trend(
    'From the connection to the server, or the tunnel through a proxy, to the end of the TLS handshake: for requests, streams and WebSockets.',
  ),
  send_delay: trend('How much later than due the generator handed the request to its client.'),
  data_sent: bytes('Bytes of request bodies.'),
  data_received: bytes('Bytes of response bodies, as they crossed the wire.'),
  iterations: counter('Iterations that were run to their end.'),
  iteration_duration: trend('From when the iteration was due to its end.'),
  iterations_failed: counter('Iterations ended by an exception of the scenario.'),
  iterations_interrupted: counter('Iterations cut off when the graceful stop ran out.'),
  dropped_iterations: counter('Arrivals for which no virtual user was free.'),
  vus: gauge('Virtual users that are active.'),
  checks: rate('Checks that held.'),
  group_duration: trend('From the start of a group to its end, in iterations that were not interrupted.'),
  groups_failed: counter('Groups ended by an exception of the scenario.'),
  sse_sessions: counter('SSE streams that were opened; a reconnect opens another.'),
  sse_connecting: trend('From asking for a stream to the head of its answer.'),
  sse_time_to_first_event: trend('From asking for a stream to its first event.'),
  sse_session_duration: trend('From the head of the answer to the end of the stream.'),
  sse_events: counter('Events received on SSE streams.'),
  sse_events_unplaced: counter('Events on SSE streams without a position: their order cannot be checked.'),
  sse_resets: counter('Streams that could not be resumed, as a reset frame said.'),
  ws_sessions: counter('WebSockets that were opened; a reconnect opens another.'),
  ws_sessions_unknown: counter(
    'Sessions over polling whose opening was not answered, or not readably: the target may have opened them.',
  ),
  ws_connecting: trend('From asking for a WebSocket to the end of its handshake.'),
  ws_session_duration: trend('From the handshake of a WebSocket to its close.'),
  ws_msgs_sent: counter('Frames sent on WebSockets.'),
  ws_msgs_received: counter('Frames received on WebSockets.'),
  ws_events: counter('Frames received that carry an event: a message, a push, a quote, an operation.'),
  ws_ping: trend('From a ping to its pong.'),
  ws_req_duration: trend('From when a request over a WebSocket was due to the frame that answers it.'),
  ws_req_failed: rate('Requests over a WebSocket that were not answered in time, or not before the connection broke.'),
  grpc_reqs: counter(
    'Calls of gRPC, streams included, by the status that the server sent; without one where it sent none.',
  ),
  grpc_req_duration: trend(
    'From when a call of gRPC with one answer was due to its status; the name is k6’s. Such calls are HTTP requests as well.',
  ),
  grpc_req_failed: rate('Calls of gRPC that ended with a status they did not expect, or without one.'),
  grpc_streams: counter('Streams of gRPC that the server answered.'),
  grpc_stream_duration: trend('From the answer to a stream of gRPC to its end.'),
  grpc_streams_msgs_sent: counter('Messages sent on streams of gRPC.'),
  grpc_streams_msgs_received: counter('Messages received on streams of gRPC.'),
  grpc_events: counter('Messages received on streams of gRPC that carry an event: an event, a chat message, a quote.'),
  grpc_resets: counter('Streams of gRPC that could not be resumed, as a reset said.'),
  reconnects: counter('Streams and WebSockets opened again after they broke.'),
  reconnect_duration: trend('From the break of a stream or WebSocket to the head of the answer of the next.'),
  events_published: counter('Events sent by publish or batch and answered.'),
  events_accepted: counter('Events the target acknowledged as new.'),
  events_duplicate: counter('Events the target acknowledged as known already.'),
  events_rejected: counter('Events the target refused.'),
  outcomes_unknown: counter(
    'Events, tokens and jobs whose answer was lost or could not be read: the target may have created them.',
  ),
  event_e2e_latency: trend('From an event’s own timestamp to its arrival at a consumer; the ambient feed is left out.'),
  event_timestamp_errors: counter(
    'Events whose timestamp was ahead of this machine’s clock, in a unit other than ms, or not a time: they have no latency.',
  ),
  event_fanout_skew: trend('From the first consumer that received an event to the last, of a sample of the events.'),
  event_gaps: counter('Offsets and sequences that a consumer never saw between two that it saw.'),
  event_duplicates: counter('Events a consumer saw more than once.'),
  event_out_of_order: counter(
    'Events a consumer saw after a later one of their partition, channel, topic, symbol or document.',
  ),
  jobs_submitted: counter('Jobs that the target accepted: answers with 202 and the address of their status.'),
  jobs_completed: counter('Jobs that jobs.follow saw completed.'),
  jobs_failed: counter('Jobs that jobs.follow saw fail.'),
  job_duration: trend('From when the submit of a job was due to the answer that reported its end.'),
  tokens_issued: counter('Tokens received for the credentials of a client or a user.'),
  tokens_refreshed: counter('Tokens received for a refresh token.'),
  token_refresh_duration: trend('How long a token request took.'),
  llm_requests: counter('Completions that were asked for by llm.chat and llm.respond; each attempt counts.'),
  llm_time_to_first_token: trend('From when a streamed completion was due to its first token.'),
  llm_first_token_service_time: trend('From the moment its request was written to a connection to the first token.'),
  llm_inter_token_latency: trend('From one token of a streamed completion to the next.'),
  llm_time_per_output_token: trend(
    'Mean time from token to token of one streamed completion: from the first to the last, by the number of tokens less one.',
  ),
  llm_prompt_tokens: counter('Prompt tokens of complete answers, as their usage says.'),
  llm_completion_tokens: counter(
    'Completion tokens of complete answers, as their usage says, or else the parts of the stream that had any.',
  ),
  llm_goodput: rate('Streamed completions that were complete, and met the objective for their times.'),
} as const satisfies Record<string, MetricDefinition>

export type MetricName = keyof typeof metrics
type NamesOf<Kind extends MetricKind> = {
  [Name in MetricName]: (typeof metrics)[Name]['kind'] extends Kind ? Name : never
}[MetricName]
export type CounterName = NamesOf<'counter'>
export type RateName = NamesOf<'rate'>
export type GaugeName = NamesOf<'gauge'>
export type TrendName = NamesOf<'trend'>

/** Reasons for failures. They stay the same over releases. */
export const failureReasons = {
  status: 'an unexpected status',
  rate_limited: 'the target said to slow down',
  dns: 'the host name did not resolve',
  refused: 'the connection was refused',
  unreachable: 'no route to the host',
  exhausted: 'this machine ran out of files, ports or memory',
  connect_timeout: 'connecting took too long',
  reset: 'the connection was reset',
  closed: 'the connection was closed before the answer was complete',
  timeout: 'the answer took too long',
  silent: 'no more bytes came over an open stream or WebSocket',
  protocol: 'the answer was not valid HTTP',
  tls: 'the TLS handshake failed',
  proxy: 'the proxy failed or refused',
  body: 'the body of the answer could not be understood',
  graphql_error: 'the result of GraphQL has errors',
  llm_error: 'the answer of the language model has an error, or is not complete',
  stomp_error: 'the broker answered with ERROR',
  grpc_status: 'the call ended with a status of gRPC that was not expected',
  socketio_error: 'the server refused to connect to a namespace, or to let a client follow',
  redirect: 'a redirect could not be followed',
  token: 'no access token could be obtained',
  no_row: 'a file had no row for a user',
  exception: 'the scenario threw',
  interrupted: 'the run ended first',
  other: 'something else',
} as const
export type FailureReason = keyof typeof failureReasons

/**
 * Tags of a series. `name` is a route template or a name from the scenario; `status` is that of an answer, or the code that
 * closed a WebSocket; `transport` is `sse` or `ws`; `phase` is that of a timeline of faults; `host` is the name of another server
 * than the target; `load` is that of a run with `loads`; `group` is the path of a group; `place` is that of the worker.
 */
export const tagNames = [
  'name',
  'method',
  'status',
  'operation',
  'user',
  'task',
  'stream',
  'transport',
  'check',
  'reason',
  'phase',
  'host',
  'load',
  'group',
  'place',
] as const
/** Tags of the harness, and others that the scenario declares. */
export type Tags = Readonly<Partial<Record<(typeof tagNames)[number], string>>> &
  Readonly<Record<string, string | undefined>>

type Of<Kind extends MetricKind> = MetricDefinition & { kind: Kind }
function counter(description: string): Of<'counter'> {
  return { kind: 'counter', unit: 'count', description }
}
function bytes(description: string): Of<'counter'> {
  return { kind: 'counter', unit: 'bytes', description }
}
function rate(description: string): Of<'rate'> {
  return { kind: 'rate', unit: 'share', description }
}
function gauge(description: string): Of<'gauge'> {
  return { kind: 'gauge', unit: 'count', description }
}
function trend(description: string): Of<'trend'> {
  return { kind: 'trend', unit: 'ms', description }
}
