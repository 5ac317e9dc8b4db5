import type { ServerResponse } from 'node:http'
import { grpcStatuses, type GrpcStatus, grpcStatusFor, grpcStatusOf } from '../../../contract/grpc/status.ts'
import type { CloseReason } from '../../../contract/streams.ts'
import type { RefusedProblem } from '../../http/refusal.ts'
import type { GrpcSchema } from './library.ts'

/** Where the reasons of the target come from, in the details of a status. */
const DOMAIN = 'loadcell'
/** Characters of a message, and bytes of details, that go into the trailers: clients accept 8 KiB of them. */
const MOST_MESSAGE = 1000
const MOST_DETAILS = 4096
const MOST_VIOLATIONS = 20

/** Codes whose status over HTTP says too little, or something else, to clients of gRPC. */
const byCode: Readonly<Record<string, GrpcStatus>> = {
  not_found: 'UNIMPLEMENTED',
  unsupported_media_type: 'UNIMPLEMENTED',
  malformed_body: 'INTERNAL',
  memory_exhausted: 'RESOURCE_EXHAUSTED',
  queue_full: 'RESOURCE_EXHAUSTED',
  too_many_connections: 'RESOURCE_EXHAUSTED',
  too_many_streams: 'RESOURCE_EXHAUSTED',
  too_many_tenants: 'RESOURCE_EXHAUSTED',
}

/** How a stream ends, by the reason in the ledger. */
const byReason: Readonly<Record<CloseReason, readonly [status: GrpcStatus, message: string]>> = {
  client: ['OK', ''],
  slow_consumer: ['RESOURCE_EXHAUSTED', 'the client reads too slowly'],
  shutdown: ['UNAVAILABLE', 'the target is stopping'],
  control: ['UNAVAILABLE', 'the control plane ended the call'],
  token_expired: ['UNAUTHENTICATED', 'the token ran out'],
  replaced: ['ABORTED', 'the same client has called again'],
  protocol: ['INVALID_ARGUMENT', 'the client broke the rules of the call'],
  silent: ['UNAVAILABLE', 'the client is silent'],
  fault: ['UNAVAILABLE', 'an injected fault ended the call'],
}

/** The status of a call as HTTP/2 carries it. */
export type Trailers = Record<string, string>

export const okTrailers: Trailers = { 'grpc-status': '0' }

export function trailersAfter(reason: CloseReason): Trailers {
  const [status, message] = byReason[reason]
  return { 'grpc-status': String(grpcStatuses[status]), ...(message !== '' && { 'grpc-message': encoded(message) }) }
}

const statuses = new WeakMap<ServerResponse, GrpcStatus>()

export function setTrailers(response: ServerResponse, trailers: Trailers): void {
  statuses.set(response, grpcStatusOf(Number(trailers['grpc-status'])))
  response.addTrailers(trailers)
}

/** Returns the status in the trailers of a response, before or after they are sent. */
export function statusSentBy(response: ServerResponse): GrpcStatus | undefined {
  return statuses.get(response)
}

/** Returns the status that tells a client about a problem, with its code and what to change as details. */
export function trailersOf(library: GrpcSchema, problem: RefusedProblem): Trailers {
  const status = byCode[problem.code] ?? grpcStatusFor(problem.status)
  const code = grpcStatuses[status]
  const message = problem.message.slice(0, MOST_MESSAGE)
  const { errors, headers } = problem.extra
  const retryAfter = headers?.['retry-after']
  const details = [any(library, 'ErrorInfo', { reason: problem.code, domain: DOMAIN })]
  if (errors !== undefined) {
    const violations = errors
      .slice(0, MOST_VIOLATIONS)
      .map(({ pointer, detail }) => ({ field: pointer, description: detail.slice(0, 100) }))
    details.push(any(library, 'BadRequest', { field_violations: violations }))
  }
  if (retryAfter !== undefined) {
    details.push(any(library, 'RetryInfo', { retry_delay: { seconds: Number(retryAfter), nanos: 0 } }))
  }
  const bytes = library.codec('google.rpc.Status').serialize({ code, message, details })
  return {
    'grpc-status': String(code),
    'grpc-message': encoded(message),
    ...(bytes.length <= MOST_DETAILS && { 'grpc-status-details-bin': bytes.toString('base64').replace(/=+$/, '') }),
    ...(retryAfter !== undefined && { 'grpc-retry-pushback-ms': String(1000 * Number(retryAfter)) }),
  }
}

function any(library: GrpcSchema, name: string, content: object): object {
  const value = library.codec(`google.rpc.${name}`).serialize(content)
  return { type_url: `type.googleapis.com/google.rpc.${name}`, value }
}

/** Percent-encodes what may not stand in a header, as gRPC asks. */
function encoded(message: string): string {
  let text = ''
  for (const byte of Buffer.from(message)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
