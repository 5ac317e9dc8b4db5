import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { headers } from '../../contract/headers.ts'
import type { RequestDetails } from '../../contract/ledger-record.ts'
import { parseTraceparent, TRACE_HEADER } from '../../contract/trace.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** Most characters kept of a URL and of a `User-Agent`. */
const URL_LENGTH = 200
const USER_AGENT_LENGTH = 100
/** Query parameters that may hold a token. */
const TOKEN_PARAMETER = /([?&](?:access_token|token|session)=)[^&]*/g

/** Gives connections their ordinals. */
export class ConnectionOrdinals {
  readonly #ordinals = new WeakMap<Socket, number>()
  #last = 0

  of(connection: Socket): number {
    let ordinal = this.#ordinals.get(connection)
    if (ordinal === undefined) this.#ordinals.set(connection, (ordinal = ++this.#last))
    return ordinal
  }
}

/** Returns what the head of a request says. */
export function detailsOf(
  { method = '', url = '', headers: sent }: IncomingMessage,
  connection: number,
): RequestDetails {
  const details: RequestDetails = { connection, method, url: url.replace(TOKEN_PARAMETER, '$1…').slice(0, URL_LENGTH) }
  const userAgent = sent['user-agent']
  const idempotencyKey = sent[headers.idempotencyKey]
  if (userAgent !== undefined) details.userAgent = userAgent.slice(0, USER_AGENT_LENGTH)
  const trace = parseTraceparent(sent[TRACE_HEADER])?.trace
  if (trace !== undefined) details.trace = trace
  if (sent.authorization !== undefined) details.token = digest(sent.authorization)
  if (typeof idempotencyKey === 'string') details.idempotencyKey = digest(idempotencyKey)
  return details
}

/** Adds what is known at the end of an exchange. */
export function completeDetails(
  details: RequestDetails,
  { bearer, bodyText }: Pick<Exchange, 'bearer' | 'bodyText'>,
  response: ServerResponse | undefined,
): void {
  if (bearer !== undefined)
    details.caller = bearer.user === undefined ? `client:${bearer.client}` : `user:${bearer.user.id}`
  if (bodyText !== undefined) details.body = digest(bodyText)
  const seconds = Number(response?.getHeader('retry-after'))
  if (Number.isFinite(seconds)) details.retryAfterMs = seconds * 1000
}

/** Returns the first 32 bits of a SHA-256. */
function digest(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 8), 16)
}
