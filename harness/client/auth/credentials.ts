import type { TokenResponse } from '../../../contract/api/oauth.ts'
import { type OperationName, operations } from '../../../contract/api/operations.ts'
import type { OAuthError } from '../../../contract/problem.ts'
import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import type { LoginOptions } from '../../scenario/context.ts'
import { encodeBody, isPlain } from '../message/request-body.ts'
import { objectOf } from '../message/response.ts'

/** A request for a token. */
export interface PreparedTokenRequest {
  path: string
  options: RequestOptions
  /** Kind of credentials that it presents. */
  grant: Grant
}

/** Builds token requests on behalf of one client or user. */
export interface Credentials {
  /** The name in errors, such as `client "shop"`. Never a secret. */
  readonly owner: string
  issue(): PreparedTokenRequest
  refresh(refreshToken: string): PreparedTokenRequest
  /** Tells whether the response rejects the refresh token, so that the credentials themselves are needed. */
  refusesRefresh(response: HttpResponse): boolean
}

export interface OAuthClient {
  clientId: string
  clientSecret: string
  scope?: string | undefined
}

/** Limits of a token request. */
const LIMITS = { timeout: '10s', bodyLimitBytes: 1024 * 1024 } as const

/** Returns the credentials of a client of an OAuth 2.0 token endpoint (RFC 6749 §4.4). */
export function clientCredentials({ clientId, clientSecret, scope }: OAuthClient): Credentials {
  const client = { client_id: clientId, client_secret: clientSecret }
  const request = (grant: Grant, form: Record<string, string>): PreparedTokenRequest => ({
    path: operations['oauth.token'].path,
    options: { form, ...LIMITS },
    grant,
  })
  return {
    owner: `client ${JSON.stringify(clientId)}`,
    issue: () =>
      request('credentials', {
        grant_type: 'client_credentials',
        ...client,
        ...(scope === undefined ? {} : { scope }),
      }),
    refresh: refreshToken =>
      request('refresh_token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...client }),
    refusesRefresh: response => objectOf<OAuthError>(response)?.error === 'invalid_grant',
  }
}

/** Statuses with which servers refuse a refresh token. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 422])

/** Returns the credentials of a user that logs in with an e-mail address and a password. */
export function userLogin(
  email: string,
  password: string,
  { path = '/auth/login', refreshPath = '/auth/refresh' }: LoginOptions = {},
): Credentials {
  return {
    owner: `user ${JSON.stringify(email)}`,
    issue: () => ({ path, options: { json: { email, password }, ...LIMITS }, grant: 'credentials' }),
    refresh: refreshToken => ({
      path: refreshPath,
      options: {
        json: { refresh_token: refreshToken },
        ...LIMITS,
        // A refusal is not a failure of the run, because a login follows.
        expect: status => status < 400 || REFUSALS.has(status),
      },
      grant: 'refresh_token',
    }),
    refusesRefresh: ({ status }) => REFUSALS.has(status),
  }
}

/** Kind of credentials that a token request presents. */
export type Grant = 'credentials' | 'refresh_token'

/** Returns undefined for requests other than token requests. */
export function grantOf(operation: OperationName | undefined, options: RequestOptions): Grant | undefined {
  if (operation === 'auth.login') return 'credentials'
  if (operation === 'auth.refresh') return 'refresh_token'
  if (operation !== 'oauth.token') return undefined
  return grantType(options) === 'refresh_token' ? 'refresh_token' : 'credentials'
}

/** Tells whether the response holds a token. */
export function bringsToken(response: HttpResponse): boolean {
  return response.status === 200 && typeof objectOf<TokenResponse>(response)?.access_token === 'string'
}

function grantType({ form, json, body }: RequestOptions): unknown {
  if (typeof json === 'object' && json !== null) return (json as { grant_type?: unknown }).grant_type
  if (!isPlain(body)) return undefined
  return new URLSearchParams(encodeBody({ form, body })?.bytes.toString()).get('grant_type')
}
