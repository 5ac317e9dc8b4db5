import { EventEmitter } from 'node:events'
import type { FastifyReply } from 'fastify'
import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../../contract/api/oauth.ts'
import { random } from '../../../../core/random.ts'
import { IssueCost } from '../../../../target/auth/issue-cost.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { settingsWith } from '../configuration/support.ts'
import { type ClockedTarget, clockedTarget } from './target.ts'

const credentials = { email: 'qa.user1@example.com', password: 'TestPass123!' }
const client = { grant_type: 'client_credentials', client_id: 'producer-service', client_secret: 'producer-secret' }

type Work = ReturnType<ClockedTarget['send']>

/** The status of an answer that has come by now, undefined while it has not. */
async function statusSoFar(work: Work, clock: FakeClock): Promise<number | undefined> {
  let status: number | undefined
  void work.then(answer => (status = answer.statusCode))
  await clock.advance(0)
  return status
}

describe('auth.issueCost', () => {
  it('delays every token request, with valid or invalid credentials', async () => {
    const { send, clock } = await clockedTarget({ 'auth.issueCost': '300ms' })
    const asked = [
      { url: '/oauth/token', body: client, status: 200 },
      { url: '/oauth/token', body: { ...client, client_secret: 'wrong' }, status: 401 },
      { url: '/auth/login', body: credentials, status: 200 },
      { url: '/auth/login', body: { ...credentials, password: 'wrong' }, status: 401 },
      { url: '/auth/refresh', body: { refresh_token: 'unknown' }, status: 401 },
    ]
    for (const { url, body, status } of asked) {
      const work = send('POST', url, body)
      expect(await statusSoFar(work, clock)).toBeUndefined()
      await clock.advance(299)
      expect(await statusSoFar(work, clock)).toBeUndefined()
      await clock.advance(1)
      expect(await statusSoFar(work, clock)).toBe(status)
    }
  })

  it('is not paid by other requests, nor when it is switched off again', async () => {
    const { send, clock, settings } = await clockedTarget({ 'auth.issueCost': '1h' })
    const work = send('GET', '/.well-known/jwks.json')
    expect(await statusSoFar(work, clock)).toBe(200)
    settings.change({ ...settings.current, auth: { ...settings.current.auth, issueCost: 0 } })
    expect(await statusSoFar(send('POST', '/auth/login', credentials), clock)).toBe(200)
  })

  it('is not waited for once the client is gone, and then nothing is issued', async () => {
    const clock = new FakeClock()
    const issueCost = new IssueCost(settingsWith({ 'auth.issueCost': '1h' }), clock, random(1))
    const replyOn = (raw: EventEmitter) => ({ raw, hijack: () => 'given up' }) as unknown as FastifyReply
    const raw = new EventEmitter()
    const answered = replyOn(new EventEmitter())
    let issued = 0
    const answer = () => {
      issued += 1
      return answered
    }
    const [given, kept] = [issueCost.before(replyOn(raw), answer), issueCost.before(answered, answer)]
    raw.emit('close')
    expect({ given: await given, issued, now: clock.now() }).toEqual({ given: 'given up', issued: 0, now: 0 })
    await clock.advance(3_600_000)
    expect({ kept: await kept, issued }).toEqual({ kept: answered, issued: 1 })
  })

  it('is replayed in order', async () => {
    const { send, clock } = await clockedTarget({
      'auth.issueCost': '{type: replay, trace: [30, 10ms, 20], loop: true}',
    })
    const taken: number[] = []
    for (let request = 0; request < 5; request += 1) {
      const before = clock.now()
      await clock.finish(send('POST', '/auth/login', credentials))
      taken.push(clock.now() - before)
    }
    expect(taken).toEqual([30, 10, 20, 30, 10])
  })

  it('is drawn alike for the same seed, and not for another', async () => {
    const costs = async (seed: string) => {
      const { send, clock } = await clockedTarget({
        seed,
        'auth.issueCost': '{type: lognormal, median: 50ms, p99: 800ms}',
      })
      const drawn: number[] = []
      for (let request = 0; request < 8; request += 1) {
        const before = clock.now()
        await clock.finish(send('POST', '/auth/login', credentials))
        drawn.push(clock.now() - before)
      }
      return drawn
    }
    const once = await costs('1')
    expect(new Set(once).size).toBe(once.length)
    expect(await costs('1')).toEqual(once)
    expect(await costs('2')).not.toEqual(once)
  })

  it('answers one of two concurrent uses of a refresh token, and revokes its family', async () => {
    const { send, clock, ledger } = await clockedTarget({ 'auth.issueCost': '100ms' })
    const ask = (body: object) => clock.finish(send('POST', '/oauth/token', body))
    const { refresh_token } = (await ask(client)).json<TokenResponse>()
    const refresh = { ...client, grant_type: 'refresh_token', refresh_token }
    const both = Promise.all([send('POST', '/oauth/token', refresh), send('POST', '/oauth/token', refresh)])
    const statuses = (await clock.finish(both)).map(({ statusCode }) => statusCode)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400])
    expect(ledger.report('default').tokens).toMatchObject({ issued: 1, refreshed: 1, rejected: { invalid_grant: 1 } })
  })
})
