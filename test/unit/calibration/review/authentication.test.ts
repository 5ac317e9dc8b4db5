import { describe, expect, it } from 'vitest'
import { ignored401, staleToken, tokenPerRequest } from '../../../../calibration/review/authentication.ts'
import { detailedRecordOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

const login = (startedAt: number) =>
  detailedRecordOf({ operation: 'oauth.token', startedAt }, { url: '/oauth/token', method: 'POST' })
const withToken = (token: number, startedAt: number, status = 200) =>
  detailedRecordOf({ startedAt, status }, { token, ...(status === 401 && { problem: 'invalid_token' }) })

describe('tokenPerRequest', () => {
  it('finds a token that was requested for each request', () => {
    const run = requests(30, index => [login(100 * index), withToken(index, 100 * index + 50)]).flat()
    expect(reviewOf(tokenPerRequest, run)).toMatchObject({
      id: 'token-per-request',
      harm: 'high',
      count: 30,
      of: 30,
      title: '30 tokens were requested for 30 requests of 1 user',
      example: { operation: 'oauth.token' },
    })
  })

  it('has nothing against a token for each user', () => {
    const run = [...requests(25, login), ...requests(400, index => withToken(index % 25, 1000 + index))]
    expect(reviewOf(tokenPerRequest, run)).toBeUndefined()
  })
})

describe('staleToken', () => {
  it('finds a token that was shown again after it was refused', () => {
    const run = [withToken(1, 0), ...requests(4, index => withToken(1, 100 + index, 401)), withToken(2, 200)]
    expect(reviewOf(staleToken, run)).toMatchObject({ id: 'stale-token', count: 4, of: 6, example: { status: 401 } })
  })

  it('has nothing against a token that is replaced after a refusal', () => {
    const run = requests(10, token => [withToken(token, 1000 * token), withToken(token, 1000 * token + 10, 401)]).flat()
    expect(reviewOf(staleToken, run)).toBeUndefined()
  })

  it('takes no longer for many refusals than their number', () => {
    const run = [withToken(1, 0), ...requests(50_000, index => withToken(1, 1 + index, 401))]
    expect(reviewOf(staleToken, run)?.count).toBe(50_000)
  })
})

describe('ignored401', () => {
  const refused = (index: number) => detailedRecordOf({ startedAt: index, status: 401 }, { problem: 'invalid_token' })

  it('finds requests that never had a good token', () => {
    expect(reviewOf(ignored401, requests(10, refused))).toMatchObject({ id: 'ignored-401', harm: 'high', count: 10 })
    const few = [...requests(5, refused), ...requests(95, index => withToken(1, 10 + index))]
    expect(reviewOf(ignored401, few)).toMatchObject({ harm: 'medium', count: 5, of: 100 })
  })

  it('has nothing against tokens that ran out, or a single refusal', () => {
    expect(
      reviewOf(ignored401, [withToken(1, 0), ...requests(5, index => withToken(1, 1 + index, 401))]),
    ).toBeUndefined()
    expect(reviewOf(ignored401, [refused(0), ...requests(9, index => withToken(1, index))])).toBeUndefined()
  })
})
