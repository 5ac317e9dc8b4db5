import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { LoginResponse } from '../../../contract/api/accounts.ts'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { RateLimitRule } from '../../../target/configuration/schema/http.ts'
import { event, operation, testTarget, type TestTarget } from './support.ts'

const limited = (...rules: RateLimitRule[]) => testTarget({ 'rateLimits.rules': JSON.stringify(rules) })

async function clientToken({ url }: TestTarget, id: string, secret: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
  return ((await (await fetch(`${url}/oauth/token`, { method: 'POST', body })).json()) as TokenResponse).access_token
}

async function userToken({ url }: TestTarget, email: string): Promise<string> {
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'TestPass123!' }),
  })
  return ((await answer.json()) as LoginResponse).access_token
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

let ordinal = 0
function post({ url }: TestTarget, path: string, token: string, body: (id: string) => unknown): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify(body(String(ordinal++))),
  })
}

describe('a request under a rule', () => {
  it('gets its remaining tokens, and is refused once they are spent', async () => {
    const target = await limited({ name: 'health', by: 'client', requests: 2, per: '1h' })
    const ask = () => fetch(`${target.url}/healthz`)
    const [first, second, third] = [await ask(), await ask(), await ask()]
    expect({ first, second, third }).toMatchObject({
      first: { status: 200 },
      second: { status: 200 },
      third: { status: 429 },
    })
    expect(first.headers.get('ratelimit-policy')).toBe('"health";q=2;w=3600')
    expect(first.headers.get('ratelimit')).toMatch(/^"health";r=1;t=\d+$/)
    expect(first.headers.get('retry-after')).toBeNull()
    expect(third.headers.get('ratelimit-policy')).toBe('"health";q=2;w=3600')
    expect(third.headers.get('ratelimit')).toBe(`"health";r=0;t=${third.headers.get('retry-after')}`)
    expect(third.headers.get('content-type')).toMatch('application/problem+json')
    expect(await third.json()).toMatchObject({ code: 'rate_limited', status: 429 })
    expect(operation(await target.settledLedger(), 'health.live')?.statuses).toEqual({ 200: 2, 429: 1 })
  })

  it('gets the same headers on a stream and in the response to HEAD', async () => {
    const target = await limited({ name: 'all', by: 'tenant', requests: 100, per: '1h' })
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers: bearer(await target.token('consumer')) })
    expect(stream.headers.get('ratelimit')).toMatch(/^"all";r=98;/)
    await stream.body?.cancel()
    const head = await fetch(`${target.url}/healthz`, { method: 'HEAD' })
    expect(head.headers.get('ratelimit')).toMatch(/^"all";r=97;/)
  })

  it('is refused before its body is read', async () => {
    const target = await limited({ name: 'login', by: 'client', requests: 1, per: '1h', operations: ['oauth.token'] })
    await fetch(`${target.url}/oauth/token`, { method: 'POST', body: new URLSearchParams() })
    const head = ['POST /oauth/token HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Length: 1000']
    expect(await target.raw(`${[...head, 'Content-Type: application/json'].join('\r\n')}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 429 /,
    )
  })

  it('is limited by its address if its token is invalid', async () => {
    const target = await limited({ name: 'all', by: 'client', requests: 2, per: '1h', operations: ['events.*'] })
    const good = await target.token('producer')
    const guess = () => post(target, '/v1/events/publish', 'a guess', event)
    const statuses = [(await guess()).status, (await guess()).status, (await guess()).status]
    expect(statuses).toEqual([401, 401, 429])
    expect((await post(target, '/v1/events/publish', good, event)).status).toBe(202)
    const { rateLimits } = await target.settledLedger()
    expect(rateLimits.callers.map(({ caller }) => caller)).toEqual([
      expect.stringMatching(/^address:(::ffff:)?127\.0\.0\.1$/),
    ])
  })
})

describe('what is not limited', () => {
  it('includes the control plane, the metrics, and paths without an operation', async () => {
    const target = await limited({ name: 'all', by: 'tenant', requests: 1, per: '1h' })
    expect((await fetch(`${target.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${target.url}/healthz`)).status).toBe(429)
    for (const path of ['/_loadcell/config', '/_loadcell/ledger', '/metrics', '/openapi.json', '/docs']) {
      const answer = await fetch(target.url + path)
      expect({ path, answerStatus: answer.status, ratelimit: answer.headers.get('ratelimit') }).toEqual({
        path,
        answerStatus: 200,
        ratelimit: null,
      })
    }
    expect((await fetch(`${target.url}/nowhere`)).status).toBe(404)
    expect((await fetch(`${target.url}/healthz`, { method: 'DELETE' })).status).toBe(405)
  })

  it('is everything, by default', async () => {
    const target = await testTarget()
    const answer = await fetch(`${target.url}/healthz`)
    expect({
      ratelimit: answer.headers.get('ratelimit'),
      ratelimitPolicy: answer.headers.get('ratelimit-policy'),
    }).toEqual({ ratelimit: null, ratelimitPolicy: null })
    expect((await target.settledLedger()).rateLimits).toEqual({
      limited: 0,
      early: 0,
      callers: [],
      callersNotKept: 0,
    })
  })
})

describe('the ledger', () => {
  it('distinguishes a client that obeys Retry-After from one that does not', async () => {
    const target = await limited(
      { name: 'publish', by: 'client', requests: 1, per: '1s', operations: ['events.publish'] },
      { name: 'batch', by: 'client', requests: 1, per: '1h', operations: ['events.batch'] },
    )
    const patient = await clientToken(target, 'producer-service', 'producer-secret')
    const hasty = await clientToken(target, 'analytics-ingestor', 'analytics-secret')
    const batch = (id: string) => ({ stream: 'orders', compression: 'none', events: [event(id)] })

    // Repeats until the limit is reached, however slow the machine is.
    let answer = await post(target, '/v1/events/publish', patient, event)
    while (answer.status !== 429) answer = await post(target, '/v1/events/publish', patient, event)
    await delay(Number(answer.headers.get('retry-after')) * 1000)
    expect((await post(target, '/v1/events/publish', patient, event)).status).toBe(202)

    for (let i = 0; i < 7; i++) await post(target, '/v1/events/batch', hasty, batch)

    expect((await target.settledLedger()).rateLimits).toEqual({
      limited: 7,
      early: 5,
      callers: [
        { caller: 'client:producer-service', limited: 1, early: 0, obeyed: true },
        { caller: 'client:analytics-ingestor', limited: 6, early: 5, obeyed: false },
      ],
      callersNotKept: 0,
    })
  })
})

describe('limits are separate for', () => {
  const statusesOf = async ({ url }: TestTarget, path: string, ...headers: Record<string, string>[]) => {
    const statuses: number[] = []
    for (const sent of headers) statuses.push((await fetch(url + path, { headers: sent })).status)
    return statuses
  }
  const two = (headers: Record<string, string>) => [headers, headers]

  it('tenants', async () => {
    const target = await limited({ name: 'one', by: 'tenant', requests: 1, per: '1h', operations: ['health.*'] })
    const tenants = ['a', 'b'].flatMap(tenant => two({ 'x-tenant-id': tenant }))
    expect(await statusesOf(target, '/healthz', ...tenants)).toEqual([200, 429, 200, 429])
  })

  it('clients', async () => {
    const target = await limited({ name: 'one', by: 'client', requests: 1, per: '1h', operations: ['events.*'] })
    const producers = [
      await clientToken(target, 'producer-service', 'producer-secret'),
      await clientToken(target, 'analytics-ingestor', 'analytics-secret'),
    ]
    const statuses: number[] = []
    for (const token of producers.flatMap(one => [one, one])) {
      statuses.push((await post(target, '/v1/events/publish', token, event)).status)
    }
    expect(statuses).toEqual([202, 429, 202, 429])
  })

  it('users, even where no token is required', async () => {
    const target = await limited({
      name: 'one',
      by: 'user',
      requests: 1,
      per: '1h',
      operations: ['orders.*', 'products.*'],
    })
    const users = [await userToken(target, 'qa.user1@example.com'), await userToken(target, 'qa.user2@example.com')]
    const first = users.map(bearer)
    expect(await statusesOf(target, '/orders', ...first, ...first)).toEqual([200, 200, 429, 429])
    expect(await statusesOf(target, '/products/1', ...first, {}, {})).toEqual([429, 429, 200, 429])
    expect((await target.settledLedger()).rateLimits.callers.map(({ caller }) => caller)).toEqual([
      expect.stringMatching(/^user:\d+$/),
      expect.stringMatching(/^user:\d+$/),
      expect.stringMatching(/^address:/),
    ])
  })
})

describe('a change of the rules', () => {
  const rule = { name: 'one', by: 'tenant', requests: 1, per: '1h' }
  const change = ({ url }: TestTarget, rules: unknown) =>
    fetch(`${url}/_loadcell/config`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rateLimits: { rules } }),
    })

  it('takes effect at once, and a reset fills the buckets', async () => {
    const target = await testTarget()
    const status = async () => (await fetch(`${target.url}/healthz`)).status
    expect((await change(target, [rule])).status).toBe(200)
    expect(await status()).toBe(200)
    expect(await status()).toBe(429)
    await fetch(`${target.url}/_loadcell/reset?what=data`, { method: 'POST' })
    expect(await status()).toBe(200)
    expect(await status()).toBe(429)
    await change(target, [])
    expect(await status()).toBe(200)
  })

  it('is rejected as a whole if a rule is wrong', async () => {
    const target = await testTarget()
    const answer = await change(target, [rule, { ...rule, operations: ['order.*'] }])
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      errors: [
        { pointer: '/rateLimits/rules/1/name', detail: 'expected a name of its own, got "one" again' },
        { pointer: '/rateLimits/rules/1/operations/0', detail: expect.stringContaining('did you mean orders.*?') },
      ],
    })
    expect((await fetch(`${target.url}/healthz`)).headers.get('ratelimit')).toBeNull()
  })
})
