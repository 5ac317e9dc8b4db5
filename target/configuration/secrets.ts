import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from './configuration.ts'

const REDACTED = '***'

/** The lists of `auth` whose items have a secret: the field of the secret, and the field that identifies an item. */
const secretLists = [
  { list: 'clients', secret: 'secret', name: 'id' },
  { list: 'users', secret: 'passwords', name: 'email' },
  { list: 'userPatterns', secret: 'password', name: 'email' },
  { list: 'staticTokens', secret: 'token', name: undefined },
] as const

const SECRETS = [
  /^\/control\/(token|viewToken)$/,
  ...secretLists.flatMap(({ list, secret }) => [
    new RegExp(`^/auth/${list}(/\\d+)?$`),
    new RegExp(`^/auth/${list}/\\d+/${secret}(/|$)`),
  ]),
]

/** Whether the value at this JSON pointer must not be shown: a secret, or a value in place of a list or an item with secrets. */
export function isSecret(pointer: string): boolean {
  return SECRETS.some(secret => secret.test(pointer))
}

type Item = Record<string, unknown>

/** Returns the configuration without its secrets. */
export function redact(configuration: Configuration): Configuration {
  const { control, auth } = configuration
  const lists = secretLists.map(({ list, secret }) => {
    const items: readonly Item[] = auth[list]
    return [list, items.map(item => ({ ...item, [secret]: inPlaceOf(item[secret], () => REDACTED) }))]
  })
  return {
    ...configuration,
    control: {
      ...control,
      token: control.token === '' ? '' : REDACTED,
      viewToken: control.viewToken === '' ? '' : REDACTED,
    },
    auth: { ...auth, ...Object.fromEntries(lists) },
  }
}

/**
 * Puts back the secrets that `redact` took out of a document, so that what was read can be changed and written again. The
 * secret of an unknown item stays redacted.
 */
export function restoreSecrets(document: unknown, current: Configuration): unknown {
  const restored = structuredClone(document) as {
    control?: { token?: unknown; viewToken?: unknown }
    auth?: Item
  } | null
  if (restored?.control?.token === REDACTED) restored.control.token = current.control.token
  if (restored?.control?.viewToken === REDACTED) restored.control.viewToken = current.control.viewToken
  for (const { list, secret, name } of secretLists) {
    for (const [index, item] of itemsOf(restored?.auth?.[list]).entries()) {
      const known: Item | undefined =
        name === undefined
          ? knownToken(item, index, current.auth.staticTokens)
          : (current.auth[list] as readonly Item[]).find(other => other[name] === item[name])
      if (known === undefined || item[secret] === undefined) continue
      item[secret] = inPlaceOf(item[secret], (value, place) => {
        return value === REDACTED ? ([known[secret]].flat()[place] ?? REDACTED) : value
      })
    }
  }
  return restored
}

/** Replaces a secret, or each secret of a list. */
function inPlaceOf(secret: unknown, replace: (value: unknown, place: number) => unknown): unknown {
  return Array.isArray(secret) ? secret.map(replace) : replace(secret, 0)
}

/** Static tokens have no name. A token is identified by its subject and scopes, or else by its place and subject. */
function knownToken(
  { subject, scopes }: Item,
  index: number,
  known: Configuration['auth']['staticTokens'],
): Item | undefined {
  const same = known.filter(token => token.subject === subject && isDeepStrictEqual(token.scopes, scopes))
  if (same.length === 1) return same[0]
  return known[index]?.subject === subject ? known[index] : undefined
}

function itemsOf(list: unknown): Item[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : []
}
