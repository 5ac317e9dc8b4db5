import { beforeEach, describe, expect, test } from 'vitest'
import { AccessToken, type AskForToken, TokenError } from '../../../../../harness/client/auth/access-token.ts'
import { clientCredentials, type Grant } from '../../../../../harness/client/auth/credentials.ts'
import { BodyMemory, ReceivedBody } from '../../../../../harness/client/message/received-body.ts'
import { Response } from '../../../../../harness/client/message/response.ts'
import { ManualClock } from '../manual-clock.ts'

type Answer = { status: number; body?: unknown }

/** A token endpoint that answers as it is told, else with tokens of `lifetimeS`, and rotates refresh tokens. */
class Issuer {
  readonly forms: Record<string, string>[] = []
  readonly grants: Grant[] = []
  readonly answers: Answer[] = []
  lifetimeS = 101
  rotates = true

  readonly ask: AskForToken = async ({ options, grant }) => {
    this.forms.push((options.form ?? {}) as Record<string, string>)
    this.grants.push(grant)
    const ordinal = this.forms.length
    await Promise.resolve()
    const token = { access_token: `t${ordinal}`, token_type: 'Bearer', expires_in: this.lifetimeS }
    const fresh = { status: 200, body: this.rotates ? { ...token, refresh_token: `r${ordinal}` } : token }
    const { status, body = {} } = this.answers.shift() ?? fresh
    const failure = status === 0 ? 'refused' : status >= 400 ? 'status' : undefined
    const received = new ReceivedBody(new BodyMemory())
    received.add(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
    return new Response({ ...nowhere, status, body: received, failure })
  }
}

const nowhere = { head: { headers: {}, setsCookies: false }, durationMs: 0, dueAt: 0, url: '', redirects: 0 }

let clock: ManualClock
let issuer: Issuer
let token: AccessToken

beforeEach(() => {
  clock = new ManualClock()
  issuer = new Issuer()
  token = new AccessToken(clock, clientCredentials({ clientId: 'shop', clientSecret: 's3cret', scope: 'events.write' }))
})

test('requests a token once for all users, with the client’s own parameters, and returns it at once from then on', async () => {
  const all = await Promise.all([
    token.authorization(issuer.ask),
    token.authorization(issuer.ask),
    token.authorization(issuer.ask),
  ])
  expect(all).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1'])
  expect(token.authorization(issuer.ask)).toBe('Bearer t1')
  expect(issuer.forms).toEqual([
    { grant_type: 'client_credentials', client_id: 'shop', client_secret: 's3cret', scope: 'events.write' },
  ])
})

describe('renewal', () => {
  // Of 101 s, 100 are relied on, and the last fifth is for renewal.
  test('begins before the end, while the old token still serves, and happens once', async () => {
    await token.authorization(issuer.ask)
    await clock.advance(79_999)
    expect(token.authorization(issuer.ask)).toBe('Bearer t1')
    expect(issuer.forms).toHaveLength(1)
    await clock.advance(1)
    expect([token.authorization(issuer.ask), token.authorization(issuer.ask)]).toEqual(['Bearer t1', 'Bearer t1'])
    expect(issuer.forms).toHaveLength(2)
    await clock.advance(0)
    expect(token.authorization(issuer.ask)).toBe('Bearer t2')
    expect(issuer.forms).toHaveLength(2)
  })

  test('of a long-lived token begins 30 s before its end', async () => {
    issuer.lifetimeS = 3601
    await token.authorization(issuer.ask)
    await clock.advance(3_569_999)
    void token.authorization(issuer.ask)
    expect(issuer.forms).toHaveLength(1)
    await clock.advance(1)
    void token.authorization(issuer.ask)
    expect(issuer.forms).toHaveLength(2)
  })

  test('of a token of two seconds does not wait for the second that the issuer may have rounded away', async () => {
    issuer.lifetimeS = 2
    await token.authorization(issuer.ask)
    await clock.advance(999)
    expect(token.authorization(issuer.ask)).toBe('Bearer t1')
    await clock.advance(500)
    expect(token.authorization(issuer.ask)).toBe('Bearer t2')
  })

  test('uses the newest refresh token', async () => {
    for (let round = 0; round < 3; round += 1) {
      await token.authorization(issuer.ask)
      await clock.advance(100_000)
    }
    expect(issuer.forms.map(form => form['refresh_token'])).toEqual([undefined, 'r1', 'r2'])
    expect(issuer.grants).toEqual(['credentials', 'refresh_token', 'refresh_token'])
  })

  test('without an accepted refresh token requests a token with the client’s credentials', async () => {
    await token.authorization(issuer.ask)
    await clock.advance(100_000)
    issuer.answers.push({ status: 400, body: { error: 'invalid_grant' } })
    issuer.rotates = false
    expect(await token.authorization(issuer.ask)).toBe('Bearer t3')
    await clock.advance(100_000)
    expect(await token.authorization(issuer.ask)).toBe('Bearer t4')
    expect(issuer.grants).toEqual(['credentials', 'refresh_token', 'credentials', 'credentials'])
  })

  test('that fails is tried again while the old token serves', async () => {
    await token.authorization(issuer.ask)
    await clock.advance(80_000)
    issuer.answers.push({ status: 503 })
    expect(token.authorization(issuer.ask)).toBe('Bearer t1')
    await clock.advance(999)
    expect(token.authorization(issuer.ask)).toBe('Bearer t1')
    expect(issuer.forms).toHaveLength(2)
    await clock.advance(1)
    void token.authorization(issuer.ask)
    await clock.advance(0)
    expect(token.authorization(issuer.ask)).toBe('Bearer t3')
  })
})

describe('a malformed token response', () => {
  test.each([null, 0, -1, '', '0', 'never', 'NaN', true, {}, [], 1e308, undefined])(
    'with expires_in %o is used until it is refused',
    async expires_in => {
      issuer.answers.push({ status: 200, body: { access_token: 'a', token_type: 'Bearer', expires_in } })
      await token.authorization(issuer.ask)
      await clock.advance(86_400_000)
      expect(token.authorization(issuer.ask)).toBe('Bearer a')
      expect(issuer.forms).toHaveLength(1)
      expect(token.refused('Bearer a')).toBe(true)
      expect(await token.authorization(issuer.ask)).toBe('Bearer t2')
    },
  )

  test.each([101, '101', ' 101 ', '101.0'])('with expires_in %o is renewed in time', async expires_in => {
    issuer.answers.push({ status: 200, body: { access_token: 'a', expires_in } })
    await token.authorization(issuer.ask)
    await clock.advance(100_000)
    expect(await token.authorization(issuer.ask)).toBe('Bearer t2')
  })

  test.each(['bearer', 'BEARER', 'Bearer', undefined, null, 7, 'JWT'])(
    'with token_type %o is shown as Bearer',
    async type => {
      issuer.answers.push({ status: 200, body: { access_token: 'a', token_type: type } })
      expect(await token.authorization(issuer.ask)).toBe('Bearer a')
    },
  )

  test.each([null, '', 7, {}])('with the refresh token %o has none', async refresh_token => {
    issuer.answers.push({ status: 200, body: { access_token: 'a', expires_in: 101, refresh_token } })
    await token.authorization(issuer.ask)
    await clock.advance(100_000)
    expect(await token.authorization(issuer.ask)).toBe('Bearer t2')
    expect(issuer.grants).toEqual(['credentials', 'credentials'])
  })

  test.each([
    [{ access_token: null }, 'expected {access_token, expires_in}'],
    [{ access_token: 7 }, 'expected {access_token, expires_in}'],
    [{ access_token: '' }, 'expected {access_token, expires_in}'],
    [{ access_token: 'two\r\nlines' }, 'expected {access_token, expires_in}'],
    [{ access_token: 'a', token_type: 'DPoP' }, 'expected a bearer token, got one of token_type "DPoP"'],
  ])('%o is no token', async (body, message) => {
    issuer.answers.push({ status: 200, body })
    await expect((async () => token.authorization(issuer.ask))()).rejects.toThrow(message)
  })
})

describe('failure', () => {
  test.each([
    [{ status: 0 }, 'no token for client "shop": the token endpoint did not answer (refused)'],
    [
      { status: 401, body: { error: 'invalid_client', error_description: 'wrong secret' } },
      'no token for client "shop": the token endpoint answered 401 invalid_client (wrong secret)',
    ],
    [{ status: 502 }, 'no token for client "shop": the token endpoint answered 502'],
    [{ status: 200, body: { token: 1 } }, 'expected {access_token, expires_in}, got {"token":1}'],
  ])('%o gives the reason, and never the secret', async (answer, message) => {
    issuer.answers.push(answer)
    const failed = (async () => token.authorization(issuer.ask))()
    await expect(failed).rejects.toThrow(TokenError)
    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.not.toThrow('s3cret')
  })

  test('is followed by another attempt only after growing pauses', async () => {
    const attempt = async () => token.authorization(issuer.ask)
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      issuer.answers.push({ status: 503 })
      const asked = issuer.forms.length
      await expect(attempt()).rejects.toThrow('503')
      await clock.advance(pauseMs - 1)
      await expect(attempt()).rejects.toThrow('503')
      expect(issuer.forms).toHaveLength(asked + 1)
      await clock.advance(1)
    }
    expect(await attempt()).toBe('Bearer t8')
  })
})

describe('a refused token', () => {
  test('is replaced at the next request', async () => {
    await token.authorization(issuer.ask)
    await clock.advance(1000)
    expect(token.refused('Bearer t1')).toBe(true)
    expect(await token.authorization(issuer.ask)).toBe('Bearer t2')
  })

  test('that was replaced already does not count against its successor', async () => {
    await token.authorization(issuer.ask)
    await clock.advance(1000)
    token.refused('Bearer t1')
    await token.authorization(issuer.ask)
    await clock.advance(1000)
    expect(token.refused('Bearer t1')).toBe(true)
    expect(token.authorization(issuer.ask)).toBe('Bearer t2')
  })

  test('that is brand-new is not replaced, because the next would be refused as well', async () => {
    await token.authorization(issuer.ask)
    expect(token.refused('Bearer t1')).toBe(false)
    expect(token.authorization(issuer.ask)).toBe('Bearer t1')
  })

  test('of another issuer is not treated as a token of the target', () => {
    expect(token.refused('Bearer other')).toBe(false)
  })
})
