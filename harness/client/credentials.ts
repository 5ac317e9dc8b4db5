import type { OAuthError } from '../../contract/problem.ts'
import { operations } from '../../contract/operations.ts'
import type { HttpResponse, LoginOptions, RequestOptions } from '../context.ts'
import type { Grant } from './grant.ts'
import { objectOf } from './response.ts'

/** A request for a token. */
export interface TokenRequest {
  path: string
  options: RequestOptions
  /** What it shows. */
  grant: Grant
}

/** In what words tokens are asked for, and on whose behalf. */
export interface Credentials {
  /** For errors: `client "shop"`. Never a secret. */
  readonly owner: string
  issue(): TokenRequest
  refresh(refreshToken: string): TokenRequest
  /** The refresh token has run out, or was used before: only the credentials themselves will do. */
  refusesRefresh(response: HttpResponse): boolean
}

export interface Client {
  clientId: string
  clientSecret: string
  scope?: string | undefined
}

/** No answer with a token is longer. */
const LIMITS = { timeout: '10s', bodyLimitBytes: 1024 * 1024 } as const

/** A client of an OAuth 2.0 token endpoint (RFC 6749 §4.4). */
export function clientCredentials({ clientId, clientSecret, scope }: Client): Credentials {
  const client = { client_id: clientId, client_secret: clientSecret }
  const request = (grant: Grant, form: Record<string, string>): TokenRequest => ({
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

/** What servers answer to a refresh token they do not honour. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 422])

/** A user who logs in with an e-mail address and a password. */
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
        // No failure of the run: a login follows.
        expect: status => status < 400 || REFUSALS.has(status),
      },
      grant: 'refresh_token',
    }),
    refusesRefresh: ({ status }) => REFUSALS.has(status),
  }
}
