import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from './configuration.ts'

const REDACTED = '***'

/** Whether what stands at this JSON pointer may not be shown: a secret, or what should have been a list or item with one. */
export function isSecret(pointer: string): boolean {
  return SECRETS.some(secret => secret.test(pointer))
}

const SECRETS = [
  /^\/control\/token$/,
  /^\/auth\/(clients|users|userPatterns|staticTokens)(\/\d+)?$/,
  /^\/auth\/clients\/\d+\/secret$/,
  /^\/auth\/users\/\d+\/passwords(\/|$)/,
  /^\/auth\/userPatterns\/\d+\/password$/,
  /^\/auth\/staticTokens\/\d+\/token$/,
]

/** The configuration as it may be shown. */
export function redact(configuration: Configuration): Configuration {
  const { control, auth } = configuration
  return {
    ...configuration,
    control: { ...control, token: control.token === '' ? '' : REDACTED },
    auth: {
      ...auth,
      clients: auth.clients.map(client => ({ ...client, secret: REDACTED })),
      users: auth.users.map(user => ({ ...user, passwords: user.passwords.map(() => REDACTED) })),
      userPatterns: auth.userPatterns.map(pattern => ({ ...pattern, password: REDACTED })),
      staticTokens: auth.staticTokens.map(token => ({ ...token, token: REDACTED })),
    },
  }
}

/**
 * Puts back the secrets that `redact` took out of a document, so that what was read can be changed and written again. A
 * secret of somebody who is not known stays as it is.
 */
export function restoreSecrets(document: unknown, current: Configuration): unknown {
  const restored = structuredClone(document) as { control?: { token?: unknown }; auth?: Record<string, unknown> } | null
  if (restored?.control?.token === REDACTED) restored.control.token = current.control.token
  const { clients, users, userPatterns, staticTokens } = current.auth
  for (const client of itemsOf(restored?.auth?.['clients'])) {
    const known = clients.find(({ id }) => id === client['id'])
    if (client['secret'] === REDACTED && known !== undefined) client['secret'] = known.secret
  }
  for (const user of itemsOf(restored?.auth?.['users'])) {
    const known = users.find(({ email }) => email === user['email'])
    const { passwords } = user
    if (!Array.isArray(passwords) || known === undefined) continue
    user['passwords'] = passwords.map((password: unknown, index) =>
      password === REDACTED ? (known.passwords[index] ?? REDACTED) : password,
    )
  }
  for (const pattern of itemsOf(restored?.auth?.['userPatterns'])) {
    const known = userPatterns.find(({ email }) => email === pattern['email'])
    if (pattern['password'] === REDACTED && known !== undefined) pattern['password'] = known.password
  }
  for (const [index, token] of itemsOf(restored?.auth?.['staticTokens']).entries()) {
    if (token['token'] === REDACTED) token['token'] = tokenOf(token, index, staticTokens) ?? REDACTED
  }
  return restored
}

/** A static token has no name but itself: it is known by what it may do, else by its place. */
function tokenOf(
  { subject, scopes }: Record<string, unknown>,
  index: number,
  known: Configuration['auth']['staticTokens'],
): string | undefined {
  const same = known.filter(token => token.subject === subject && isDeepStrictEqual(token.scopes, scopes))
  if (same.length === 1) return same[0]?.token
  const inPlace = known[index]
  return inPlace?.subject === subject ? inPlace?.token : undefined
}

function itemsOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : []
}
