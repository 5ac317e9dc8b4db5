import { describe, expect, it } from 'vitest'
import { mergePatch, successor } from '../../../../target/configuration/change.ts'
import { describeConfiguration, loadConfiguration } from '../../../../target/configuration/load.ts'
import { redact } from '../../../../target/configuration/secrets.ts'
import { complaint } from './support.ts'

const current = loadConfiguration({ env: {}, flags: {} })

const load = (flags: Record<string, string>) => loadConfiguration({ env: {}, flags })

describe('secrets of the configuration', () => {
  const secrets = /TestPass|testpass|SecurePass|TestPassword|super-secret|load-test-token|demo-jwt|collab-session/

  it('are never shown', () => {
    const text = describeConfiguration({ env: {}, flags: {} })
    expect(text).toContain('qa.user1@example.com')
    expect(text).not.toMatch(secrets)
    expect(JSON.stringify(redact(current))).not.toMatch(secrets)
  })

  it('are restored if the masked document is written back', () => {
    expect(successor(current, redact(current))).toEqual(current)
  })

  it('are restored if lists were shortened or reordered, or if other fields changed', () => {
    const { users, userPatterns, staticTokens } = redact(current).auth
    const changed = (auth: object) => successor(current, mergePatch(current, { auth })).auth
    const [reports, chat, collaboration, models] = current.auth.staticTokens
    expect(changed({ staticTokens: staticTokens.toReversed() }).staticTokens).toEqual([
      models,
      collaboration,
      chat,
      reports,
    ])
    expect(changed({ staticTokens: staticTokens.slice(1) }).staticTokens).toEqual([chat, collaboration, models])
    const widened = { ...staticTokens[0]!, scopes: ['reports.read'] }
    expect(changed({ staticTokens: [widened, ...staticTokens.slice(1)] }).staticTokens[0]!.token).toBe(reports!.token)
    expect(changed({ users: users.toReversed() }).users).toEqual(current.auth.users.toReversed())
    const last = users.at(-1)!
    expect(changed({ users: [{ ...last, passwords: [...last.passwords, 'another'] }] }).users[0]!.passwords).toEqual([
      'testpassword123',
      'testpass123',
      'another',
    ])
    const more = { email: 'vu<digits>@example.com', password: 'p' }
    expect(changed({ userPatterns: [more, ...userPatterns] }).userPatterns).toEqual([
      more,
      ...current.auth.userPatterns,
    ])
  })

  it('are rejected if they cannot be matched, rather than guessed', () => {
    const stranger = { token: '***', subject: 'stranger', scopes: [] }
    const message = complaint(() => successor(current, mergePatch(current, { auth: { staticTokens: [stranger] } })))
    expect(message).toContain('auth.staticTokens[0].token: expected a token')
  })

  it.each([
    ['auth.users', '[{email: a@x, passwords: [424242]}]'],
    ['auth.users', '[{email: a@x, passwords: 424242}]'],
    ['auth.users', '[424242]'],
    ['auth.users', '424242'],
    ['auth.userPatterns', '[{email: a<digits>@x, password: 424242}]'],
    ['auth.staticTokens', '[{token: 424242, subject: a, scopes: []}]'],
    ['auth.staticTokens', '[{token: "424242", subject: a, scopes: []}]'],
    ['auth.clients', '["a:424242"]'],
  ])('are not repeated by errors about %s %s', (key, text) => {
    const message = complaint(() => load({ [key]: text }))
    expect(message).toContain(key)
    expect(message).not.toContain('got 424242')
    expect(message).not.toContain('"')
  })
})

describe('contradictions between keys', () => {
  it.each([
    [
      'auth.users',
      '[{email: a@x, passwords: [p]}, {email: A@X, passwords: [q]}]',
      'auth.users[1].email: expected an email of its own, got "a@x" again (from --set auth.users)',
    ],
    [
      'auth.userPatterns',
      '[{email: a<digits>@x, password: p}, {email: A<digits>@X, password: q}]',
      'auth.userPatterns[1].email: expected an email of its own, got "a<digits>@x" again (from --set auth.userPatterns)',
    ],
    [
      'auth.issueCost',
      '{type: uniform, min: 2s, max: 1s}',
      'auth.issueCost.max: expected at least min (2000 ms), got 1000 ms (from --set auth.issueCost)',
    ],
    [
      'reports.duration',
      '{type: lognormal, median: 2s, p99: 1s}',
      'reports.duration.p99: expected at least the median (2000 ms), got 1000 ms (from --set reports.duration)',
    ],
    [
      'notifications.interval',
      '{type: uniform, min: 2s, max: 1s}',
      'notifications.interval.max: expected at least min (2000 ms), got 1000 ms (from --set notifications.interval)',
    ],
  ])('%s: %s', (key, text, message) => {
    expect(complaint(() => load({ [key]: text }))).toBe(message)
  })

  it('reserves the name that stands for users without a client', () => {
    const message = complaint(() => load({ 'auth.clients': '[{id: public, secret: s, scopes: []}]' }))
    expect(message).toContain('auth.clients[0].id: expected an id of 1…256 characters other than "public"')
    expect(load({ 'auth.clients': '[{id: publican, secret: s, scopes: []}]' }).auth.clients).toHaveLength(1)
  })

  it('does not change the algorithm while it runs', () => {
    const message = complaint(() => successor(current, mergePatch(current, { auth: { algorithm: 'RS256' } })))
    expect(message).toBe('auth.algorithm: expected "ES256" until the target is started again, got "RS256"')
  })
})
