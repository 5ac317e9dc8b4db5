import { describe, expect, it } from 'vitest'
import type { Bearer } from '../../../../target/exchange/bearer.ts'
import { changeAuth } from '../configuration/support.ts'
import { identityWith } from './support.ts'

describe('static tokens', () => {
  it('are accepted as configured', () => {
    const { bearers } = identityWith()
    expect(bearers.of('reporting-load-test-token')).toMatchObject({
      subject: 'reporting-load-test',
      user: undefined,
      scopes: ['reports.read', 'reports.write'],
    })
    for (const close of ['reporting-load-test-toke', 'reporting-load-test-tokens', 'Reporting-load-test-token', '']) {
      expect({ close, bearersOfClose: bearers.of(close) }).toEqual({ close, bearersOfClose: 'not valid' })
    }
  })

  it('with an open end take the rest of the text as the subject', () => {
    const { bearers } = identityWith()
    expect(bearers.of('demo-jwt-token-alice@example.com')).toMatchObject({
      subject: 'alice@example.com',
      scopes: ['chat'],
    })
    expect(bearers.of('collab-session-7')).toMatchObject({ subject: '7', scopes: ['collaboration'] })
  })

  it.each(['a b', 'a"b', 'a,b', 'ä', '$&', 'x'.repeat(256)])('with an open end accept %j', text => {
    expect(identityWith().bearers.of(`demo-jwt-token-${text}`)).toMatchObject({ subject: text })
  })

  it.each(['', '..', '\u0000', '\ud800', 'x'.repeat(257)])('with an open end refuse %j', text => {
    expect(identityWith().bearers.of(`demo-jwt-token-${text}`)).toBe('not valid')
  })

  it('are matched by the longest common prefix', () => {
    const { bearers } = identityWith({
      'auth.staticTokens':
        '[{token: token-<anything>, subject: any, scopes: []}, {token: token-of-<anything>, subject: some, scopes: []}, {token: token-of-one, subject: one, scopes: []}]',
    })
    const subjects = ['token-x', 'token-of-x', 'token-of-one', 'token-of-'].map(
      token => (bearers.of(token) as Bearer).subject,
    )
    expect(subjects).toEqual(['any', 'some', 'one', 'any'])
  })

  it('may look like a JWT', () => {
    const { bearers } = identityWith({
      'auth.staticTokens': '[{token: eyJhbGciOiJub25lIn0.e30., subject: s, scopes: []}]',
    })
    expect(bearers.of('eyJhbGciOiJub25lIn0.e30.')).toMatchObject({ subject: 's' })
    expect(bearers.of('eyJhbGciOiJub25lIn0.e31.')).toBe('not valid')
  })

  it('are refused in strict mode from the next request on', () => {
    const { bearers, settings } = identityWith()
    const token = 'reporting-load-test-token'
    changeAuth(settings, { mode: 'strict' })
    expect(bearers.of(token)).toBe('not valid')
    changeAuth(settings, { mode: 'lenient' })
    expect(bearers.of(token)).toMatchObject({ subject: 'reporting-load-test' })
    changeAuth(settings, { staticTokens: [] })
    expect(bearers.of(token)).toBe('not valid')
  })

  it('are not accepted because they were accepted before', () => {
    const { bearers } = identityWith()
    expect(bearers.canReadmit(bearers.of('demo-jwt-token-a') as Bearer)).toBe(false)
  })

  it('are revoked one text at a time, until the data is reset', () => {
    const identity = identityWith()
    const { bearers, staticTokens } = identity
    staticTokens.revoke('demo-jwt-token-a')
    expect(bearers.of('demo-jwt-token-a')).toBe('revoked')
    expect(bearers.of('demo-jwt-token-b')).toMatchObject({ subject: 'b' })
    identity.lifecycle.reset('data')
    expect(bearers.of('demo-jwt-token-a')).toMatchObject({ subject: 'a' })
  })
})
