import type { FailureReason } from '../../contract/metrics.ts'

/** Why an exchange failed, with one example in words. */
export interface ExchangeFailure {
  reason: FailureReason
  example: string
}

const REASONS: Record<string, FailureReason> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'connect_timeout',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_SOCKET: 'closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  HARNESS_INTERIM_FLOOD: 'protocol',
  UND_ERR_DESTROYED: 'interrupted',
  UND_ERR_CLOSED: 'interrupted',
}

/** Sorts what a socket, TLS, a parser or undici threw. */
export function failureOf(error: unknown): ExchangeFailure {
  if (!(error instanceof Error)) return { reason: 'other', example: String(error) }
  // A name with several addresses fails with an error for each: the first speaks for all.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return { reason: reasonOf(error), example: first instanceof Error ? first.message : error.message }
}

function reasonOf({ name, message, code = '' }: NodeJS.ErrnoException): FailureReason {
  // Its code is not set in every release; an answer that ends before it is complete is of its kind, too.
  if (name === 'HTTPParserError') return message.includes('EOF') ? 'closed' : 'protocol'
  if (code.startsWith('WS_ERR_')) return 'protocol'
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'tls'
  return REASONS[code] ?? 'other'
}

export const interrupted: ExchangeFailure = {
  reason: 'interrupted',
  example: 'the graceful stop ran out while the answer was awaited',
}

export function timedOut(timeoutMs: number): ExchangeFailure {
  return { reason: 'timeout', example: `no complete answer within ${timeoutMs} ms` }
}

export function silent(silenceMs: number): ExchangeFailure {
  return { reason: 'silent', example: `no byte came for ${silenceMs} ms` }
}

const LONGEST_EXCERPT = 200

export function unexpectedStatus(status: number, body: string): ExchangeFailure {
  const reason = status === 429 ? 'rate_limited' : 'status'
  const excerpt = body.slice(0, LONGEST_EXCERPT).replaceAll(/\s+/g, ' ').trim()
  return { reason, example: excerpt === '' ? `status ${status}` : `status ${status}: ${excerpt}` }
}
