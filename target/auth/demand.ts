import type { Operation } from '../../contract/api/operation.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { ProblemError } from '../exchange/problem.ts'

/** Demands of a caller over another protocol what this operation of the REST API demands. @throws ProblemError invalid_token, insufficient_scope */
export function demand({ bearer, account }: Exchange, name: KnownOperation, settings: Settings): void {
  const { access }: Operation = operations[name]
  if (access.kind === 'public') return
  if (bearer === undefined) {
    if (access.kind === 'guest' && settings.current.auth.mode === 'lenient') return
    account.tokens.refused('invalid_token')
    throw new ProblemError('invalid_token', 'expected a bearer token')
  }
  if (access.kind === 'guest' || access.scope === undefined || bearer.scopes.includes(access.scope)) return
  account.tokens.refused('insufficient_scope')
  const held = bearer.scopes.join(' ') || 'none'
  throw new ProblemError('insufficient_scope', `expected scope ${access.scope}, the token has ${held}`)
}
