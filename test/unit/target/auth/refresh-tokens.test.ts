import { describe, expect, it } from 'vitest'
import type { LoginResponse } from '../../../../contract/api/accounts.ts'
import { clockedTarget } from './target.ts'

const credentials = { email: 'qa.user1@example.com', password: 'TestPass123!' }

describe('tokens that live for two seconds', () => {
  it('are refused when they have run out, and renewed by the refresh token for as long as that lives', async () => {
    const { send, clock, ledger } = await clockedTarget({ 'auth.tokenTtl': '2s', 'auth.refreshTtl': '5s' })
    const statusWith = async ({ access_token }: LoginResponse) =>
      (await send('GET', '/users/me', undefined, access_token)).statusCode
    let tokens = (await send('POST', '/auth/login', credentials)).json<LoginResponse>()
    expect(tokens.expires_in).toBe(2)
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(1999)
      expect(await statusWith(tokens)).toBe(200)
      await clock.advance(1)
      const refused = await send('GET', '/users/me', undefined, tokens.access_token)
      expect({
        refusedStatusCode: refused.statusCode,
        headersWwwAuthenticate: refused.headers['www-authenticate'],
      }).toEqual({ refusedStatusCode: 401, headersWwwAuthenticate: 'Bearer error="invalid_token"' })
      expect(refused.json()).toMatchObject({ code: 'invalid_token', detail: 'the access token is expired' })
      const { refresh_token } = tokens
      tokens = (await send('POST', '/auth/refresh', { refresh_token })).json<LoginResponse>()
      expect(await statusWith(tokens)).toBe(200)
    }
    await clock.advance(5000)
    const { refresh_token } = tokens
    const late = await send('POST', '/auth/refresh', { refresh_token })
    expect({ lateStatusCode: late.statusCode, code: late.json<{ code: string }>().code }).toEqual({
      lateStatusCode: 401,
      code: 'invalid_refresh_token',
    })
    expect(ledger.report('default').tokens).toEqual({
      issued: 1,
      refreshed: 5,
      revoked: 0,
      rejected: { invalid_refresh_token: 1 },
      refused: { invalid_token: 5 },
    })
  })

  it('take their lifetime from the settings as they are when they are issued', async () => {
    const { send, clock, settings } = await clockedTarget({})
    const long = (await send('POST', '/auth/login', credentials)).json<LoginResponse>()
    settings.change({ ...settings.current, auth: { ...settings.current.auth, tokenTtl: '2s' } })
    const short = (await send('POST', '/auth/login', credentials)).json<LoginResponse>()
    expect({ longExpiresIn: long.expires_in, shortExpiresIn: short.expires_in }).toEqual({
      longExpiresIn: 3600,
      shortExpiresIn: 2,
    })
    await clock.advance(2000)
    expect((await send('GET', '/users/me', undefined, short.access_token)).statusCode).toBe(401)
    expect((await send('GET', '/users/me', undefined, long.access_token)).statusCode).toBe(200)
  })
})
