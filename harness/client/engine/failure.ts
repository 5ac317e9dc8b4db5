import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import type { FailureReason } from '../../metrics/catalog.ts'

/** Why an exchange failed, with an example in words. */
export interface ExchangeFailure {
  reason: FailureReason
  example: string
}

const REASONS: Record<string, FailureReason> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  // This process or machine ran out of something, which is not the target's fault.
  EMFILE: 'exhausted',
  ENFILE: 'exhausted',
  ENOBUFS: 'exhausted',
  ENOMEM: 'exhausted',
  EAI_MEMORY: 'exhausted',
  EADDRNOTAVAIL: 'exhausted',
  EADDRINUSE: 'exhausted',
  EAGAIN: 'exhausted',
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
  UND_ERR_HEADERS_TIMEOUT: 'silent',
  UND_ERR_BODY_TIMEOUT: 'silent',
  UND_ERR_SOCKET: 'closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  HARNESS_NO_FINAL_RESPONSE: 'protocol',
  UND_ERR_DESTROYED: 'interrupted',
  UND_ERR_CLOSED: 'interrupted',
}

/** Returns the failure for an error of a socket, TLS, a parser or undici. */
export function failureOf(error: unknown): ExchangeFailure {
  if (!(error instanceof Error)) return { reason: 'other', example: String(error) }
  if (!(error instanceof AggregateError)) return failureOfOne(error)
  // A name with several addresses fails with an error for each. This machine's own limits speak for all, then the first of
  // a machine that was reached: one without IPv6 has no address to connect to an IPv6 address from.
  const failures = error.errors.map(failureOf)
  const isAddressless = ({ reason, example }: ExchangeFailure) =>
    reason === 'exhausted' && example.includes('EADDRNOTAVAIL')
  const told = failures.filter(failure => !isAddressless(failure))
  return told.find(({ reason }) => reason === 'exhausted') ?? told[0] ?? failures[0] ?? failureOfOne(error)
}

/** Sorts what ended an exchange whose head had not come. */
export function failureBeforeHead(error: Error): ExchangeFailure {
  // Within a body it means that the rest is missing.
  if ((error as NodeJS.ErrnoException).code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return failureOf(error)
  return { reason: 'protocol', example: 'expected one Content-Length, or chunks, got a head with several lengths' }
}

function failureOfOne(error: Error): ExchangeFailure {
  const reason = reasonOf(error)
  // Without enough descriptors the resolver cannot open its files or a socket, and reports an unknown name.
  const outOfFiles = reason === 'dns' ? whyTooFewFilesOpen() : undefined
  if (outOfFiles !== undefined) return { reason: 'exhausted', example: `${error.message} (${outOfFiles})` }
  return { reason, example: error.message || error.name }
}

/** Files and sockets that a resolver holds open at once, with some to spare. */
const RESOLVER_FILES = 8

/** Returns the error with which opening as many files as a resolver needs fails; undefined while it works. */
function whyTooFewFilesOpen(): string | undefined {
  const files: number[] = []
  try {
    while (files.length < RESOLVER_FILES) files.push(openSync(devNull, 'r'))
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    for (const file of files) closeSync(file)
  }
}

function reasonOf({ name, message, code = '', syscall }: NodeJS.ErrnoException): FailureReason {
  // Not every release sets its code. A response that ends early is of this kind, too.
  if (name === 'HTTPParserError') return message.includes('EOF') ? 'closed' : 'protocol'
  if (code.startsWith('WS_ERR_')) return 'protocol'
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'tls'
  // A resolver also passes on errors of the system that it met, such as EBUSY.
  return REASONS[code] ?? (syscall === 'getaddrinfo' ? 'dns' : 'other')
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
