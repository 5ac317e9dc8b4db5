import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Access } from '../../../../contract/api/operation.ts'
import { bearerGuard } from '../../../../target/auth/guard.ts'
import type { Bearer } from '../../../../target/exchange/bearer.ts'
import type { Exchange } from '../../../../target/exchange/exchange.ts'
import { ProblemError } from '../../../../target/exchange/problem.ts'
import { changeAuth } from '../configuration/support.ts'
import { identityWith } from './support.ts'

const guest: Access = { kind: 'guest' }
const bearer: Access = { kind: 'bearer' }

function setUp(flags: Record<string, string> = {}) {
  const identity = identityWith(flags)
  const { accessTokens, bearers, settings, book } = identity
  const guard = bearerGuard(bearers, settings)
  // All on one connection.
  const socket = {}
  return {
    ...identity,
    issue: (scope = 'a', id = 'family') => accessTokens.issue({ id, client: 'x', user: undefined }, scope).token,
    /** The admitted caller, or the reason for a refusal. */
    admit: (access: Access, token?: string): string => {
      const exchange = { bearer: undefined, account: { tokens: book } } as unknown as Exchange
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      try {
        guard.admit(exchange, { headers, socket } as IncomingMessage, access)
        return exchange.bearer?.subject ?? 'guest'
      } catch (error) {
        if (error instanceof ProblemError) return error.code
        throw error
      }
    },
  }
}

describe('the guard', () => {
  it('admits guests while the mode is lenient, from one request to the next', () => {
    const { admit, settings, issue } = setUp()
    expect(admit(guest)).toBe('guest')
    changeAuth(settings, { mode: 'strict' })
    expect(admit(guest)).toBe('invalid_token')
    expect(admit(guest, issue())).toBe('x')
    expect(admit(guest)).toBe('invalid_token')
    changeAuth(settings, { mode: 'lenient' })
    expect(admit(guest)).toBe('guest')
  })

  it('refuses an invalid token, even where none is needed', () => {
    const { admit, book } = setUp()
    expect({
      admitGuestGarbage: admit(guest, 'garbage'),
      admitBearerGarbage: admit(bearer, 'garbage'),
      admitBearer: admit(bearer),
    }).toEqual({
      admitGuestGarbage: 'invalid_token',
      admitBearerGarbage: 'invalid_token',
      admitBearer: 'invalid_token',
    })
    expect(admit({ kind: 'public' }, 'garbage')).toBe('guest')
    expect(book.report().refused).toEqual({ invalid_token: 3 })
  })

  it.each(['0', '10000'])('forgets a connection’s token when it is revoked, with a cache of %s', verifyCache => {
    const { admit, issue, accessTokens } = setUp({ 'auth.verifyCache': verifyCache })
    const [byId, byFamily] = [issue('a', 'f'), issue('a', 'g')]
    for (const token of [byId, byFamily]) expect([admit(bearer, token), admit(bearer, token)]).toEqual(['x', 'x'])
    expect(admit(bearer, byId)).toBe('x')
    accessTokens.revoke((accessTokens.verify(byId) as Bearer).tokenId)
    expect(admit(bearer, byId)).toBe('invalid_token')
    expect(admit(bearer, byFamily)).toBe('x')
    accessTokens.revoke('g')
    expect(admit(bearer, byFamily)).toBe('invalid_token')
  })

  it('forgets a connection’s token when it expires', async () => {
    const { admit, issue, clock } = setUp({ 'auth.tokenTtl': '2s' })
    const token = issue()
    expect([admit(bearer, token), admit(bearer, token)]).toEqual(['x', 'x'])
    await clock.advance(2000)
    expect(admit(bearer, token)).toBe('invalid_token')
  })

  it('looks up a static token for every request', () => {
    const { admit, settings, staticTokens } = setUp()
    const token = 'demo-jwt-token-a'
    expect([admit(bearer, token), admit(bearer, token)]).toEqual(['a', 'a'])
    changeAuth(settings, { mode: 'strict' })
    expect(admit(bearer, token)).toBe('invalid_token')
    changeAuth(settings, { mode: 'lenient' })
    expect(admit(bearer, token)).toBe('a')
    staticTokens.revoke(token)
    expect(admit(bearer, token)).toBe('invalid_token')
  })

  it('checks the scope of each token, even after another request was admitted', () => {
    const { admit, issue, book } = setUp()
    const token = issue('a')
    expect(admit({ kind: 'bearer', scope: 'a' }, token)).toBe('x')
    expect(admit({ kind: 'bearer', scope: 'b' }, token)).toBe('insufficient_scope')
    expect(admit(bearer, token)).toBe('x')
    expect(book.report().refused).toEqual({ insufficient_scope: 1 })
  })
})
