import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import type { SocketClosing } from '../../../scenario/sockets.ts'
import { type ExchangeFailure, failureOf, unexpectedStatus } from '../../engine/failure.ts'
import { isRedirect } from '../../message/redirects.ts'
import { type UnopenedResponse, type OpeningOutcome, judgeUnopened } from '../outcome.ts'

/** OpeningOutcome of one opening of a WebSocket. */
export interface SocketEnd extends UnopenedResponse {
  /** Absent when the handshake failed. */
  closing?: SocketClosing | undefined
}

const TOKEN_EXPIRED = 4401
const SWITCHING_PROTOCOLS = 101

export function judgeSocket(end: SocketEnd, wallTime: number): OpeningOutcome {
  const { closing, status, failureExample: detail = 'no handshake' } = end
  if (closing !== undefined) return judgeClosing(closing)
  // A server that responds like this will never be a WebSocket server.
  if (status === SWITCHING_PROTOCOLS) return { kind: 'refused', opened: false, detail }
  return judgeUnopened(end, wallTime)
}

/** Returns why a response is not a handshake. Redirects are not followed; browsers do not either. */
export function whyRefused(status: number, headers: SocketEnd['headers'], body: string): ExchangeFailure {
  if (!isRedirect(status)) return unexpectedStatus(status, body)
  const to = headers['location'] ?? 'nowhere'
  const example = `status ${status}: redirected to ${String(to)}, which no WebSocket handshake follows; open it there`
  return { reason: 'redirect', example }
}

/** Returns the failure of a 101 without an upgrade to WebSocket, or of a status without meaning. */
export function noUpgrade(status: number): ExchangeFailure {
  return { reason: 'protocol', example: `expected a handshake, got status ${status} without Upgrade: websocket` }
}

/** Returns the failure for an error of the socket. An invalid handshake fails with an error without a code. */
export function failureOfSocket(error: Error): ExchangeFailure {
  const failure = failureOf(error)
  return failure.reason === 'other' ? { ...failure, reason: 'protocol' } : failure
}

function judgeClosing(closing: SocketClosing): OpeningOutcome {
  const { name, meaning, reconnect } = closeCodeOf(closing.code)
  const detail = `closed with ${closing.code} (${name}): ${closing.reason || meaning}`
  if (closing.code === TOKEN_EXPIRED) return { kind: 'unauthorized', opened: true, detail }
  if (reconnect === 'never') return { kind: 'ended' }
  return { kind: 'broken', opened: true, detail, atLeastMs: 0, atOnce: reconnect === 'at once' }
}
