import { Type, type Static } from 'typebox'

export const TokenResponse = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  /** Seconds. */
  expires_in: Type.Number(),
  /** Space-separated. */
  scope: Type.String(),
  refresh_token: Type.Optional(Type.String()),
})
export type TokenResponse = Static<typeof TokenResponse>

/** What an access token says of its bearer (RFC 9068 names). Times are seconds since the Unix epoch. */
export interface AccessTokenClaims {
  iss: string
  sub: string
  client_id: string
  scope: string
  iat: number
  exp: number
  jti: string
}
