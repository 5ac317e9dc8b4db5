import { isFields } from '../json-tree.ts'
import { cookiesIn } from '../../session/cookies/cookie-header.ts'
import { KnownSecrets } from '../secrets/known-secrets.ts'
import { isLoginForm, isLoginName, isSecretField, isSecretName, isSecretObject } from '../../../core/secret-names.ts'
import { hasEmail } from '../secrets/secret-text.ts'
import { isJsonType, parsedJson, type RecordedRequest } from './entry.ts'

const DEEPEST = 32

/** Collects every value that a recording shows to be secret, so that it is recognised wherever else it stands. */
export function secretsOf(entries: readonly RecordedRequest[]): KnownSecrets {
  const secrets = new KnownSecrets()
  for (const { url, headers, body, responseHeaders, responseJson, pageFields } of entries) {
    secrets.add(url.password)
    for (const [name, value] of url.searchParams) if (isSecretField(name, value)) secrets.add(value)
    for (const [name, value] of [...headers, ...responseHeaders]) addHeader(secrets, name, value)
    for (const [name, value] of body?.fields ?? []) if (isSecretField(name, value)) secrets.add(value)
    addLogins(secrets, body?.fields ?? [])
    if (body !== undefined && isJsonType(body.mediaType)) addTree(secrets, '', parsedJson(body.text), () => true)
    addTree(secrets, '', responseJson, isOpaque)
    for (const [name, value] of pageFields) if (isSecretName(name) && isOpaque(value)) secrets.add(value)
  }
  return secrets
}

function addHeader(secrets: KnownSecrets, name: string, value: string): void {
  if (name === 'cookie' || name === 'set-cookie') {
    // Only the first pair of a cookie that is set is its own; browsers join several cookies by line breaks.
    const lines = name === 'cookie' ? [value] : value.split('\n').map(line => line.split(';')[0]!)
    for (const [, part] of lines.flatMap(cookiesIn)) if (isOpaque(part) || /^\d{8,}$/.test(part)) secrets.add(part)
    return
  }
  if (!isSecretName(name) && name !== 'proxy-authorization') return
  const [, scheme, credentials] = /^(\w+)\s+(.+)$/.exec(value) ?? []
  secrets.add(credentials ?? value)
  if (scheme?.toLowerCase() !== 'basic' || credentials === undefined) return
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  secrets.add(password)
  if (user !== undefined && isOpaque(user)) secrets.add(user)
}

function addTree(
  secrets: KnownSecrets,
  name: string,
  value: unknown,
  counts: (text: string) => boolean,
  depth = 0,
): void {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value)
    if (isSecretField(name, text) && counts(text)) secrets.add(text)
    return
  }
  if (depth >= DEEPEST) return
  if (Array.isArray(value)) for (const item of value) addTree(secrets, name, item, counts, depth + 1)
  else if (isFields(value)) {
    addLogins(secrets, Object.entries(value))
    for (const [key, item] of Object.entries(value)) {
      // `{ credentials: { user: … } }`: everything in it is secret.
      addTree(secrets, isSecretObject(name) ? `${name}_${key}` : key, item, counts, depth + 1)
    }
  }
}

/** Adds the name of the user beside a password. An e-mail address is recognised without that. */
function addLogins(secrets: KnownSecrets, fields: readonly (readonly [name: string, value: unknown])[]): void {
  if (!isLoginForm(fields.map(([name]) => name))) return
  for (const [name, value] of fields) if (isLoginName(name) && !hasEmail(String(value))) secrets.addLogin(value)
}

/** Tells whether a value is none that occurs by chance elsewhere, as `active` or `en` do. */
function isOpaque(text: string): boolean {
  return text.length >= 16 || (text.length >= 6 && /\d/.test(text) && /\D/.test(text))
}
