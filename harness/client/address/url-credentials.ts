import { CONCEALED } from '../../../core/concealed.ts'
import { unescape } from 'node:querystring'

/** Tells whether the password seems to contain an unencoded `@`. The apparent host is then a part of the password. */
export function hasUnencodedAt({ username, password, pathname, search, hash }: URL): boolean {
  return (username !== '' || password !== '') && `${pathname}${search}${hash}`.includes('@')
}

/**
 * Returns the value of `Authorization` for the user name and password of a URL: Basic (RFC 7617), in UTF-8. A `%` that encodes
 * nothing stands for itself.
 */
export function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${unescape(username)}:${unescape(password)}`).toString('base64')}`
}

/** Returns the URL with its user name and password concealed. Accepts any text. */
export function concealUrl(text: string): string {
  const url = URL.parse(text)
  // In text that is not a URL, anything before the last @ may be a password.
  if (url === null || url.host === '' || hasUnencodedAt(url))
    return text.replace(/^([^/@]*\/\/)?[\s\S]*@/, `$1${CONCEALED}@`)
  if (url.username === '' && url.password === '') return text
  url.username = CONCEALED
  url.password = ''
  return url.href
}

/** Returns the URL with its user name, its password and its query concealed: some services take a key there. */
export function concealUrlAndQuery(text: string): string {
  const url = concealUrl(text)
  const at = url.indexOf('?')
  return at === -1 ? url : `${url.slice(0, at)}?…`
}

/** Shorter passwords are concealed only beside their user name, because they may be part of any word. */
const SHORTEST_SECRET = 4

/**
 * Returns a function that conceals the credentials of these URLs, and other secrets, in any text, such as a response that repeats
 * them.
 */
export function concealerOf(
  urls: readonly (string | undefined)[],
  others: readonly string[] = [],
): (text: string) => string {
  const secrets = [
    ...urls.flatMap(text => secretsOf(URL.parse(text ?? ''))),
    ...others
      .flatMap(secret => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      .filter(secret => secret.length >= SHORTEST_SECRET),
  ]
  if (secrets.length === 0) return text => text
  secrets.sort((a, b) => b.length - a.length)
  return text => secrets.reduce(withoutSecret, text)
}

function withoutSecret(text: string, secret: string): string {
  const rest = text.replaceAll(secret, CONCEALED)
  // An excerpt may end in the middle of a secret.
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--) {
    if (rest.endsWith(secret.slice(0, length))) return rest.slice(0, -length) + CONCEALED
  }
  return rest
}

/** Returns the credentials of a URL in every form in which they may appear: as typed, decoded and as sent. */
function secretsOf(url: URL | null): string[] {
  if (url === null || authorizationOf(url) === undefined) return []
  const { username, password } = url
  const [user, pass] = [unescape(username), unescape(password)]
  const base64 = Buffer.from(`${user}:${pass}`).toString('base64')
  // Some services take a key in place of the user name.
  const alone =
    password === '' ? [username, user] : [password, pass, encodeURIComponent(pass), JSON.stringify(pass).slice(1, -1)]
  return [
    base64,
    base64.replaceAll('=', ''),
    `${username}:${password}`,
    `${user}:${pass}`,
    ...alone.filter(secret => secret.length >= SHORTEST_SECRET),
  ]
}
