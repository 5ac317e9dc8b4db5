import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { shortened } from '../../../core/shortened.ts'
import type { FailureReason } from '../../metrics/catalog.ts'
import { PROXY_FAILED } from './proxy/proxy-error.ts'
import { adviceOn } from './tls/tls-errors.ts'

/** Why an exchange failed, with an example for reports. */
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
  HOSTNAME_MISMATCH: 'tls',
  [PROXY_FAILED]: 'proxy',
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

/** Codes of OpenSSL, for a handshake or a certificate, and of Node. */
const TLS_CODE =
  /^(ERR_(TLS|SSL|OSSL)_|(DEPTH_ZERO_)?SELF_SIGNED_|UNABLE_TO_|CERT_|CRL_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|HARNESS_TLS_)/

/** Returns the failure for an error of a socket, TLS, a parser or undici. */
export function failureOf(error: unknown): ExchangeFailure {
  if (!(error instanceof Error)) return { reason: 'other', example: String(error) }
  if (!(error instanceof AggregateError)) return failureOfOne(error)
  // A name with several addresses fails with an error for each. A limit of this machine explains all of them, except that a
  // machine without IPv6 always has EADDRNOTAVAIL for IPv6 addresses. Otherwise the first error counts.
  const failures = error.errors.map(failureOf)
  const isAddressless = ({ reason, example }: ExchangeFailure) =>
    reason === 'exhausted' && example.includes('EADDRNOTAVAIL')
  const told = failures.filter(failure => !isAddressless(failure))
  return told.find(({ reason }) => reason === 'exhausted') ?? told[0] ?? failures[0] ?? failureOfOne(error)
}

/** Returns the failure for an error before the head of a response. */
export function failureBeforeHead(error: Error): ExchangeFailure {
  // After the head, this code means that a part of the body is missing.
  if ((error as NodeJS.ErrnoException).code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return failureOf(error)
  return { reason: 'protocol', example: 'expected one Content-Length, or chunks, got a head with several lengths' }
}

function failureOfOne(error: Error): ExchangeFailure {
  const reason = reasonOf(error)
  // Without enough descriptors the resolver cannot open its files or a socket, and reports an unknown name.
  const outOfFiles = reason === 'dns' ? fileLimitError() : undefined
  if (outOfFiles !== undefined) return { reason: 'exhausted', example: `${error.message} (${outOfFiles})` }
  const advice = reason === 'tls' ? adviceOn((error as NodeJS.ErrnoException).code ?? '') : undefined
  const example = error.message || error.name
  return { reason, example: advice === undefined ? example : `${example} (${advice})` }
}

/** Somewhat more than the files and sockets that a resolver has open at once. */
const RESOLVER_FILES = 8

/** Opens as many files as a resolver needs. Returns why that fails; undefined if it works. */
function fileLimitError(): string | undefined {
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
  // Not every release sets a code. A response that ends early also fails with this error.
  if (name === 'HTTPParserError') return message.includes('EOF') ? 'closed' : 'protocol'
  if (code.startsWith('WS_ERR_')) return 'protocol'
  if (TLS_CODE.test(code)) return 'tls'
  // A resolver also reports other errors of the system, such as EBUSY.
  return REASONS[code] ?? (syscall === 'getaddrinfo' ? 'dns' : 'other')
}

export const interrupted: ExchangeFailure = {
  reason: 'interrupted',
  example: 'the graceful stop ended before the response was complete',
}

/** The failure of a frame whose connection was closed before its response. */
export const closedFirst: ExchangeFailure = {
  reason: 'closed',
  example: 'the connection was closed before a response arrived',
}

export function timedOut(timeoutMs: number): ExchangeFailure {
  return { reason: 'timeout', example: `no complete response within ${timeoutMs} ms` }
}

export function silent(silenceMs: number): ExchangeFailure {
  return { reason: 'silent', example: `no byte received for ${silenceMs} ms` }
}

const LONGEST_EXCERPT = 200

export function unexpectedStatus(status: number, body: string): ExchangeFailure {
  const reason = status === 429 ? 'rate_limited' : 'status'
  const excerpt = shortened(body, LONGEST_EXCERPT).replaceAll(/\s+/g, ' ').trim()
  return { reason, example: excerpt === '' ? `status ${status}` : `status ${status}: ${excerpt}` }
}
