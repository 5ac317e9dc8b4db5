import type { Socket as LibrarySocket } from 'socket.io'
import { demand } from '../../auth/demand.ts'
import { type Bearers, bearerToken } from '../../auth/guard.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { GatewayNamespace } from './namespace.ts'
import type { RecoveredState } from './recoveries.ts'

/** Admits a client to a namespace by the token in its `auth`, or in the header. Returns what CONNECT_ERROR tells otherwise. */
export function admit(
  { handshake, recovered, data }: LibrarySocket,
  exchange: Exchange,
  { demands, name }: GatewayNamespace,
  { bearers, settings }: { bearers: Bearers; settings: Settings },
): (Error & { data?: { code: string } }) | undefined {
  try {
    const token = tokenIn(handshake)
    if (token !== undefined) identify(exchange, token, bearers)
    if (demands !== undefined) demand(exchange, demands, settings)
    if (recovered) checkOwner(data as RecoveredState, exchange)
    return undefined
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return Object.assign(new Error(`${name}: ${error.message}`), { data: { code: error.code } })
  }
}

function identify(exchange: Exchange, token: string, bearers: Bearers): void {
  const bearer = bearers.of(token)
  if (typeof bearer === 'string') {
    exchange.account.tokens.refused('invalid_token')
    throw new ProblemError('invalid_token', `the access token is ${bearer}`)
  }
  if (exchange.bearer !== undefined && exchange.bearer.subject !== bearer.subject) {
    throw new ProblemError('invalid_token', `expected a token of ${exchange.bearer.subject}, who opened the session`)
  }
  exchange.bearer = bearer
}

function checkOwner({ tenant, subject }: RecoveredState, exchange: Exchange): void {
  if (tenant === exchange.tenant && subject === exchange.bearer?.subject) return
  throw new ProblemError('invalid_token', 'the state belongs to another client')
}

function tokenIn({ auth, headers }: LibrarySocket['handshake']): string | undefined {
  const { token } = auth as { token?: unknown }
  if (typeof token === 'string' && token !== '') return bearerToken(token) ?? token
  const { authorization } = headers
  return authorization === undefined ? undefined : bearerToken(authorization)
}
