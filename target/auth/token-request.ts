import type { OAuthError, OAuthErrorCode } from '../../contract/problem.ts'
import { publicClient } from './clients.ts'

/** A request to the token endpoint, sent as a form or as JSON. */
export interface TokenRequest {
  grantType: string
  /** Undefined if the client does not identify itself. */
  credentials: ClientCredentials | undefined
  scope: string | undefined
  refreshToken: string | undefined
  username: string | undefined
  password: string | undefined
}

export interface ClientCredentials {
  id: string
  secret: string
  /** The credentials of Basic without form-decoding, if that differs: many clients do not encode them. */
  unencoded?: { id: string; secret: string }
}

/** A request about one token: to introspect or to revoke it. */
export interface TokenQuestion {
  credentials: ClientCredentials | undefined
  token: string
}

/**
 * Reads a token request from its form or JSON object, and from the Authorization header.
 * @throws OAuthRefusal
 */
export function readTokenRequest(body: unknown, authorization: string | undefined): TokenRequest {
  const parameters = readParameters(body)
  const credentials = readCredentials(parameters, authorization)
  return {
    grantType: required(parameters, 'grant_type'),
    credentials,
    scope: parameters.get('scope'),
    refreshToken: parameters.get('refresh_token'),
    username: parameters.get('username'),
    password: parameters.get('password'),
  }
}

/**
 * Reads a request about a token from its form or JSON object, and from the Authorization header.
 * @throws OAuthRefusal
 */
export function readTokenQuestion(body: unknown, authorization: string | undefined): TokenQuestion {
  const parameters = readParameters(body)
  const credentials = readCredentials(parameters, authorization)
  return { credentials, token: required(parameters, 'token') }
}

function required(parameters: Map<string, string>, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthRefusal('invalid_request', `${name} is missing`)
  return value
}

function readParameters(body: unknown): Map<string, string> {
  const entries =
    body instanceof URLSearchParams
      ? [...body]
      : typeof body === 'object' && body !== null && !Array.isArray(body)
        ? Object.entries(body as Record<string, unknown>)
        : undefined
  if (entries === undefined) {
    throw new OAuthRefusal('invalid_request', 'expected a form (application/x-www-form-urlencoded)')
  }
  const parameters = new Map<string, string>()
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new OAuthRefusal('invalid_request', `${name}: expected a string`)
    if (parameters.has(name)) throw new OAuthRefusal('invalid_request', `${name} is given more than once`)
    // RFC 6749 §3.2: an empty parameter is treated as omitted.
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}

function readCredentials(
  parameters: Map<string, string>,
  authorization: string | undefined,
): ClientCredentials | undefined {
  const [id, secret] = [parameters.get('client_id'), parameters.get('client_secret')]
  // Only Basic identifies the client: sessions that renew their token still send the old one as Bearer.
  if (authorization === undefined || /^bearer /i.test(authorization)) {
    if (secret === undefined && (id === undefined || id === publicClient.id)) return undefined
    if (id === undefined || secret === undefined) {
      throw new OAuthRefusal('invalid_client', 'expected both client_id and client_secret in the body, or HTTP Basic')
    }
    return { id, secret }
  }
  if (secret !== undefined) {
    throw new OAuthRefusal(
      'invalid_request',
      'the client authenticates both in the body and by the Authorization header',
    )
  }
  const basic = readBasic(authorization)
  if (id !== undefined && id !== basic.id && id !== basic.unencoded?.id) {
    throw new OAuthRefusal('invalid_request', 'client_id differs from the one in the Authorization header')
  }
  return basic
}

/** Reads Basic credentials. RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function readBasic(authorization: string): ClientCredentials {
  const packed = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1]
  const joined = packed === undefined ? '' : Buffer.from(packed, 'base64').toString('utf8')
  const colonAt = joined.indexOf(':')
  if (colonAt === -1) throw new OAuthRefusal('invalid_client', 'expected Authorization: Basic <base64 of id:secret>')
  const sent = { id: joined.slice(0, colonAt), secret: joined.slice(colonAt + 1) }
  const decoded = { id: formDecode(sent.id), secret: formDecode(sent.secret) }
  return decoded.id === sent.id && decoded.secret === sent.secret ? sent : { ...decoded, unencoded: sent }
}

/** Decodes one half. Text that cannot be decoded is used unchanged, because many clients do not encode it. */
function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** An error that OAuth defines. It is answered as in RFC 6749 §5.2. */
export class OAuthRefusal extends Error {
  readonly error: OAuthErrorCode

  constructor(error: OAuthErrorCode, description: string) {
    super(description)
    this.name = 'OAuthRefusal'
    this.error = error
  }

  get status(): number {
    return this.error === 'invalid_client' ? 401 : 400
  }

  get body(): OAuthError {
    return { error: this.error, error_description: this.message }
  }
}
