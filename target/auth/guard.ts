import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Settings } from '../configuration/settings.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Access } from '../../contract/api/operation.ts'
import type { AccessTokens, TokenIssue } from './access-tokens.ts'
import type { StaticTokens } from './static-tokens.ts'

/** Admits exchanges to their operations and identifies their bearers. */
export interface Guard {
  /** Sets the bearer of the exchange. @throws ProblemError invalid_token or insufficient_scope, counted in the ledger */
  admit(exchange: Exchange, request: IncomingMessage, access: Access): void
  /** Returns the bearer of a request with a valid token, whether or not the request needs one. */
  recognize(request: IncomingMessage, access?: Access): Bearer | undefined
}

export function bearerGuard(bearers: Bearers, settings: Settings): Guard {
  return {
    admit(exchange, { headers, url, socket }, access) {
      if (access.kind === 'public') return
      const authorization = headers.authorization ?? inQuery(url, access)
      if (access.kind === 'guest' && authorization === undefined && settings.current.auth.mode === 'lenient') return
      const bearer = admittedBefore(authorization, socket) ?? verifyAndAdmit(exchange, authorization, socket)
      exchange.bearer = bearer
      if (access.kind === 'bearer' && access.scope !== undefined && !bearer.scopes.includes(access.scope)) {
        throw refuseScope(exchange, access.scope, bearer.scopes)
      }
    },
    recognize({ headers, url, socket }, access) {
      const authorization = headers.authorization ?? (access && inQuery(url, access))
      const token = authorization === undefined ? undefined : bearerToken(authorization)
      if (token === undefined) return undefined
      const bearer = admittedBefore(authorization, socket) ?? bearers.of(token)
      return typeof bearer === 'string' ? undefined : bearer
    },
  }

  /** Clients mostly repeat the token of a connection, and comparing two texts is cheaper than a lookup. */
  function admittedBefore(authorization: string | undefined, socket: Socket): Bearer | undefined {
    const last = socket[lastAdmitted]
    if (last === undefined || last.authorization !== authorization) return undefined
    return bearers.canReadmit(last.bearer) ? last.bearer : undefined
  }

  function verifyAndAdmit(exchange: Exchange, authorization: string | undefined, socket: Socket): Bearer {
    const token = authorization === undefined ? undefined : bearerToken(authorization)
    if (token === undefined) throw refuse(exchange, 'expected Authorization: Bearer <access token>')
    const bearer = bearers.of(token)
    if (typeof bearer === 'string') throw refuse(exchange, `the access token is ${bearer}`)
    socket[lastAdmitted] = { authorization: authorization as string, bearer }
    return bearer
  }
}

/** Returns the token in the query in the form of the header, for clients that cannot set a header. */
function inQuery(url: string | undefined, access: Access): string | undefined {
  if (access.kind !== 'bearer' || access.parameter === undefined) return undefined
  const token = new URLSearchParams(url?.split('?', 2)[1]).get(access.parameter)
  return token === null ? undefined : `Bearer ${token}`
}

const lastAdmitted: unique symbol = Symbol('last admitted')

declare module 'node:net' {
  interface Socket {
    [lastAdmitted]?: { authorization: string; bearer: Bearer } | undefined
  }
}

/** Forgets the bearer of a connection without further requests. */
export function forgetAdmission(socket: Socket): void {
  socket[lastAdmitted] = undefined
}

/** Returns the token of an Authorization header; undefined for schemes other than Bearer. */
export function bearerToken(authorization: string): string | undefined {
  return authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : undefined
}

function refuse(exchange: Exchange, detail: string): ProblemError {
  exchange.account.tokens.refused('invalid_token')
  return new ProblemError('invalid_token', detail, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
}

function refuseScope(exchange: Exchange, scope: string, held: readonly string[]): ProblemError {
  exchange.account.tokens.refused('insufficient_scope')
  return new ProblemError('insufficient_scope', `expected scope ${scope}, the token has ${held.join(' ') || 'none'}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  })
}

/** Identifies the bearer of a token, whether the token was issued or is a static one. */
export class Bearers {
  readonly #accessTokens: AccessTokens
  readonly #staticTokens: StaticTokens

  constructor(accessTokens: AccessTokens, staticTokens: StaticTokens) {
    this.#accessTokens = accessTokens
    this.#staticTokens = staticTokens
  }

  of(token: string): Bearer | TokenIssue {
    const found = looksIssued(token) ? this.#accessTokens.verify(token) : 'not valid'
    return found === 'not valid' ? (this.#staticTokens.find(token) ?? found) : found
  }

  /** Whether a bearer that was admitted before may be admitted again without a lookup of the token. */
  canReadmit(bearer: Bearer): boolean {
    // A static token may be removed from the configuration at any time, and is cheap to look up.
    if (isStatic(bearer)) return false
    return this.#accessTokens.remembers && this.#accessTokens.issueOf(bearer) === undefined
  }
}

/** Whether a bearer holds a static token, which was never issued and never expires. */
export function isStatic({ expiresAtMs }: Bearer): boolean {
  return expiresAtMs === Infinity
}

/** Whether a text begins with `{"` in base64url, as every JWT does. Other texts need no decoding to be refused. */
function looksIssued(token: string): boolean {
  return token.startsWith('eyJ')
}
