import { closeCodeOf } from '../../../contract/sockets/close-codes.ts'
import type { SocketClosing } from '../../context.ts'
import { type ExchangeFailure, failureOf, unexpectedStatus } from '../failure.ts'
import { isRedirect } from '../redirects.ts'
import { type UnopenedAnswer, type Verdict, judgeUnopened } from '../verdict.ts'

/** How one opening of a WebSocket came out. */
export interface SocketEnd extends UnopenedAnswer {
  /** Absent when the handshake failed. */
  closing?: SocketClosing | undefined
}

const TOKEN_EXPIRED = 4401
const SWITCHING_PROTOCOLS = 101

export function judgeSocket(end: SocketEnd, wallTime: number): Verdict {
  const { closing, status, failureExample: detail = 'no handshake' } = end
  if (closing !== undefined) return judgeClosing(closing)
  // What answers like that is no WebSocket, and will be none.
  if (status === SWITCHING_PROTOCOLS) return { kind: 'refused', opened: false, detail }
  return judgeUnopened(end, wallTime)
}

/** Why an answer is no handshake. A redirect is none that anybody follows: browsers do not either. */
export function whyRefused(status: number, headers: SocketEnd['headers'], body: string): ExchangeFailure {
  if (!isRedirect(status)) return unexpectedStatus(status, body)
  const to = headers['location'] ?? 'nowhere'
  const example = `status ${status}: redirected to ${String(to)}, which no WebSocket handshake follows; open it there`
  return { reason: 'redirect', example }
}

/** A 101 that does not say to what it switches, or a status of no meaning. */
export function noUpgrade(status: number): ExchangeFailure {
  return { reason: 'protocol', example: `expected a handshake, got status ${status} without Upgrade: websocket` }
}

/** Sorts an error of the socket. A handshake that is no WebSocket's fails with an error without a code. */
export function failureOfSocket(error: Error): ExchangeFailure {
  const failure = failureOf(error)
  return failure.reason === 'other' ? { ...failure, reason: 'protocol' } : failure
}

function judgeClosing(closing: SocketClosing): Verdict {
  const { name, meaning, reconnect } = closeCodeOf(closing.code)
  const detail = `closed with ${closing.code} (${name}): ${closing.reason || meaning}`
  if (closing.code === TOKEN_EXPIRED) return { kind: 'unauthorized', opened: true, detail }
  if (reconnect === 'never') return { kind: 'ended' }
  return { kind: 'broken', opened: true, detail, atLeastMs: 0, atOnce: reconnect === 'at once' }
}
