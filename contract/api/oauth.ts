import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'

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

/** The claims of an access token (names of RFC 9068). Times are seconds since the Unix epoch. */
export interface AccessTokenClaims {
  iss: string
  /** The id of the user, or of the client if no user is involved. */
  sub: string
  client_id: string
  /** The user's e-mail address; absent if no user is involved. */
  username?: string
  scope: string
  iat: number
  exp: number
  jti: string
}

/** RFC 7662. Only active tokens have members other than `active`. */
export const Introspection = Type.Object({
  active: Type.Boolean(),
  scope: Type.Optional(Type.String()),
  client_id: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  token_type: Type.Optional(Type.Enum(['Bearer', 'refresh_token'])),
  sub: Type.Optional(Type.String()),
  iss: Type.Optional(Type.String()),
  jti: Type.Optional(Type.String()),
  /** Seconds since the Unix epoch. */
  exp: Type.Optional(Type.Integer()),
  iat: Type.Optional(Type.Integer()),
})
export type Introspection = Static<typeof Introspection>

/** RFC 6749 §5.2. */
export const OAuthErrorBody = Type.Object({ error: Type.String(), error_description: Type.String() })

const credentials = {
  client_id: Type.Optional(Type.String({ description: 'Or by HTTP Basic.' })),
  client_secret: Type.Optional(Type.String()),
}

const form = 'application/x-www-form-urlencoded'
const aToken = {
  mediaType: form,
  schema: Type.Object({
    token: Type.String(),
    token_type_hint: Type.Optional(Type.String()),
    ...credentials,
  }),
  examples: {
    'an unknown token': { token: 'none', client_id: 'producer-service', client_secret: 'producer-secret' },
  },
}
const oauthError = { description: 'RFC 6749 §5.2.', schema: OAuthErrorBody }

export const oauthOperations = operationsOf({ tag: 'OAuth 2.0', access: { kind: 'public' } }, {
  'oauth.token': {
    request: 'POST /oauth/token',
    summary: 'Issues an access token for a client’s or a user’s credentials, or for a refresh token.',
    body: {
      mediaType: form,
      schema: Type.Object({
        grant_type: Type.Enum(['client_credentials', 'password', 'refresh_token']),
        ...credentials,
        username: Type.Optional(Type.String({ description: 'With the password grant.' })),
        password: Type.Optional(Type.String()),
        refresh_token: Type.Optional(Type.String({ description: 'Valid once; the answer contains the next.' })),
        scope: Type.Optional(Type.String({ description: 'Space-separated. Default: all that are allowed.' })),
      }),
      examples: {
        'client credentials': {
          grant_type: 'client_credentials',
          client_id: 'producer-service',
          client_secret: 'producer-secret',
        },
        password: {
          grant_type: 'password',
          client_id: 'reporting-service',
          client_secret: 'reporting-secret',
          username: 'qa.user1@example.com',
          password: 'TestPass123!',
        },
      },
    },
    answers: {
      200: { description: 'A token.', schema: TokenResponse, headers: { 'Cache-Control': 'no-store' } },
      400: oauthError,
      401: oauthError,
    },
  },
  'oauth.introspect': {
    request: 'POST /oauth/introspect',
    summary: 'Describes a token (RFC 7662).',
    body: aToken,
    answers: {
      200: { description: 'Its claims, if it is active.', schema: Introspection },
      400: oauthError,
      401: oauthError,
    },
  },
  'oauth.revoke': {
    request: 'POST /oauth/revoke',
    summary: 'Revokes a token; with a refresh token, all tokens of its grant (RFC 7009).',
    body: aToken,
    answers: { 200: { description: 'The token is invalid from now on.' }, 400: oauthError, 401: oauthError },
  },
  'oauth.metadata': {
    request: 'GET /.well-known/oauth-authorization-server',
    summary: 'The metadata of the server, such as its endpoints (RFC 8414).',
    answers: {
      200: {
        description: 'The metadata.',
        schema: Type.Object({
          issuer: Type.String(),
          token_endpoint: Type.String(),
          introspection_endpoint: Type.String(),
          revocation_endpoint: Type.String(),
          jwks_uri: Type.String(),
        }),
      },
    },
  },
  'oauth.jwks': {
    request: 'GET /.well-known/jwks.json',
    summary: 'The public keys that verify its tokens (RFC 7517).',
    answers: {
      200: {
        description: 'The keys.',
        schema: Type.Object({ keys: Type.Array(Type.Object({ kty: Type.String(), kid: Type.String() })) }),
      },
    },
  },
} as const satisfies OperationTable)
