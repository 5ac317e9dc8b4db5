import type { FastifyInstance } from 'fastify'
import { operations } from '../../contract/operations.ts'
import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { OAuthError } from '../../contract/problem.ts'
import { grant, type GrantParts, grantTypes } from '../auth/grants.ts'
import { OAuthRefusal } from '../auth/oauth-refusal.ts'
import { readTokenRequest } from '../auth/token-request.ts'
import { readForms } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'

export interface OAuthRouteParts extends GrantParts {
  bodyLimitBytes: number
}

export function registerOAuthRoutes(app: FastifyInstance, parts: OAuthRouteParts): void {
  const { accessTokens, clients } = parts

  // In a scope of its own: forms are read here and nowhere else.
  void app.register(async scope => {
    readForms(scope, parts.bodyLimitBytes)
    scope.post(operations['oauth.token'].path, { config: { operation: 'oauth.token' } }, (request, reply) => {
      void reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
      const { tokens } = (request.exchange as Exchange).account
      let answer: TokenResponse | OAuthError
      try {
        answer = grant(readTokenRequest(request.body, request.headers.authorization), parts, tokens)
      } catch (error) {
        if (!(error instanceof OAuthRefusal)) throw error
        tokens.rejected(error.error)
        void reply.code(error.status)
        if (error.status === 401) void reply.header('www-authenticate', 'Basic realm="loadcell"')
        answer = error.body
      }
      return reply.send(answer)
    })
  })

  app.get(operations['oauth.jwks'].path, { config: { operation: 'oauth.jwks' } }, (_request, reply) =>
    reply.send({ keys: [accessTokens.jwk] }),
  )

  app.get(operations['oauth.metadata'].path, { config: { operation: 'oauth.metadata' } }, (_request, reply) => {
    const { issuer } = accessTokens
    return reply.send({
      issuer,
      token_endpoint: `${issuer}${operations['oauth.token'].path}`,
      jwks_uri: `${issuer}${operations['oauth.jwks'].path}`,
      scopes_supported: clients.scopes,
      response_types_supported: [],
      grant_types_supported: grantTypes,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    })
  })
}
