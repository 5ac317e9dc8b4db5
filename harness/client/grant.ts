import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { OperationName } from '../../contract/api/operations.ts'
import type { HttpResponse, RequestOptions } from '../context.ts'
import { encodeBody } from './body.ts'
import { objectOf } from './response.ts'

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
  return new URLSearchParams(encodeBody({ form, body })?.bytes.toString()).get('grant_type')
}
