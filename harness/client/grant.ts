import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { OperationName } from '../../contract/operations.ts'
import type { HttpResponse, RequestOptions } from '../context.ts'
import { objectOf } from './response.ts'

/** What a request for a token shows. */
export type Grant = 'credentials' | 'refresh_token'

/** Undefined for requests that ask for no token. */
export function grantOf(operation: OperationName | undefined, options: RequestOptions): Grant | undefined {
  if (operation === 'auth.login') return 'credentials'
  if (operation === 'auth.refresh') return 'refresh_token'
  if (operation !== 'oauth.token') return undefined
  return grantType(options) === 'refresh_token' ? 'refresh_token' : 'credentials'
}

/** Whether the answer brought a token. */
export function bringsToken(response: HttpResponse): boolean {
  return response.status === 200 && typeof objectOf<TokenResponse>(response)?.access_token === 'string'
}

function grantType({ form, json, body }: RequestOptions): unknown {
  if (form !== undefined) return form['grant_type']
  if (typeof json === 'object' && json !== null) return (json as { grant_type?: unknown }).grant_type
  return new URLSearchParams(body?.toString()).get('grant_type')
}
