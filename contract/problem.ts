import type { Static } from 'typebox'
import { Type } from '../core/schema.ts'

/** Stable codes of everything the target refuses, with the status each comes with. */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  json_too_deep: { status: 400, title: 'The JSON has too many levels' },
  malformed_body: { status: 400, title: 'The body could not be read' },
  invalid_request: { status: 400, title: 'The request does not fit its schema' },
  invalid_name: { status: 400, title: 'A name breaks the rule for names' },
  invalid_limit: { status: 400, title: 'The limit of a page is out of bounds' },
  invalid_header: { status: 400, title: 'A header has an unusable value' },
  context_length_exceeded: { status: 400, title: 'The prompt and its answer are too long for the model' },
  invalid_cursor: { status: 400, title: 'The cursor was not issued by this server' },
  invalid_credentials: { status: 401, title: 'The e-mail address or the password is wrong' },
  invalid_refresh_token: { status: 401, title: 'The refresh token is invalid or was used' },
  invalid_token: { status: 401, title: 'A valid bearer token is required' },
  insufficient_scope: { status: 403, title: 'The token lacks a scope' },
  foreign_page: { status: 403, title: 'Web pages of other origins may not use the control plane' },
  control_forbidden: { status: 403, title: 'The control plane is closed to this client' },
  not_found: { status: 404, title: 'There is nothing at this path' },
  control_elsewhere: { status: 404, title: 'The control plane has its own port' },
  unknown_run: { status: 404, title: 'The ledger has no such run' },
  unknown_model: { status: 404, title: 'There is no such model' },
  unknown_stream: { status: 404, title: 'There is no such stream' },
  unknown_symbol: { status: 404, title: 'There is no such symbol' },
  unknown_service: { status: 404, title: 'There is no such service' },
  method_not_allowed: { status: 405, title: 'The path does not support this method' },
  not_acceptable: { status: 406, title: 'None of the accepted media types can be sent' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  idempotency_in_flight: { status: 409, title: 'A request with this Idempotency-Key is still being served' },
  fault_exists: { status: 409, title: 'A fault rule with this id exists' },
  too_many_changes: { status: 409, title: 'Too many changes of the live page wait to be confirmed' },
  report_not_ready: { status: 409, title: 'The report is not completed' },
  precondition_failed: { status: 412, title: 'The resource has changed since the client last read it' },
  body_too_large: { status: 413, title: 'The body is over the limit' },
  batch_too_large: { status: 413, title: 'The batch holds too many events' },
  uri_too_long: { status: 414, title: 'The URL is over the limit' },
  unsupported_media_type: { status: 415, title: 'The media type or encoding is not understood' },
  range_not_satisfiable: { status: 416, title: 'The range lies outside of the file' },
  unknown_product: { status: 422, title: 'There is no such product' },
  unknown_project: { status: 422, title: 'There is no such project' },
  unknown_assignee: { status: 422, title: 'There is no such assignee' },
  invalid_event: { status: 422, title: 'The event does not fit its schema' },
  unknown_event_type: { status: 422, title: 'The event type is not known' },
  batch_rejected: { status: 422, title: 'Every event of the batch was rejected' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used with another body' },
  rate_limited: { status: 429, title: 'Too many requests' },
  upgrade_required: { status: 426, title: 'The path speaks WebSocket only' },
  headers_too_large: { status: 431, title: 'The headers are over the limit' },
  completion_failed: { status: 500, title: 'The model failed in the middle of an answer' },
  internal_error: { status: 500, title: 'The target failed' },
  unknown_transfer_coding: { status: 501, title: 'The transfer coding is not understood' },
  injected_fault: { status: 503, title: 'An injected fault answers instead of the target' },
  capacity_exceeded: { status: 503, title: 'The queue of the station is full, or no server became free in time' },
  memory_exhausted: { status: 503, title: 'The memory budget of the target is spent' },
  model_overloaded: { status: 503, title: 'As many requests wait for the model as may' },
  not_ready: { status: 503, title: 'The target is not ready' },
  queue_full: { status: 503, title: 'The queue of jobs is full' },
  too_many_connections: { status: 503, title: 'The target has reached its limit of connections' },
  too_many_streams: { status: 503, title: 'The tenant has reached its limit of streams' },
  too_many_tenants: { status: 503, title: 'The target has reached its limit of tenants' },
  deadline_exceeded: { status: 504, title: 'The deadline of the call has passed' },
} as const

export type ProblemCode = keyof typeof problems

/** The schema of a `PointedError`. */
export const pointedError = Type.Object({ pointer: Type.String(), detail: Type.String() })

/** RFC 9457 `application/problem+json`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(pointedError)),
})
export type Problem = Static<typeof Problem>

/** RFC 6749 §5.2: the one family of answers that is not a problem document. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'

export interface OAuthError {
  error: OAuthErrorCode
  error_description: string
}
