import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import { authenticate, grant, grantTypes } from '../auth/grants.ts'
import type { Identity } from '../auth/identity.ts'
import { OAuthRefusal, readTokenQuestion, readTokenRequest } from '../auth/token-request.ts'
import { introspect, revoke } from '../auth/shown-token.ts'
import { readForms } from '../http/body.ts'
import { serve, serveUnchecked } from '../http/serve.ts'
import type { TokensBook } from '../exchange/account.ts'

export function registerOAuthRoutes(app: FastifyInstance, identity: Identity, bodyLimitBytes: number): void {
  const { accessTokens, clients, issueCost, settings } = identity

  // In a separate scope, because only these operations accept forms.
  void app.register(async scope => {
    readForms(scope, bodyLimitBytes)

    ask(scope, 'oauth.token', (request, reply, tokens) =>
      issueCost.before(reply, () =>
        send(reply, tokens, () => grant(readTokenRequest(...shownIn(request)), identity, tokens)),
      ),
    )

    ask(scope, 'oauth.introspect', (request, reply, tokens) =>
      send(reply, tokens, () => {
        const { credentials, token } = readTokenQuestion(...shownIn(request))
        authenticate(credentials, identity)
        return introspect(token, identity)
      }),
    )

    ask(scope, 'oauth.revoke', (request, reply, tokens) =>
      send(reply, tokens, () => {
        const { credentials, token } = readTokenQuestion(...shownIn(request))
        revoke(token, authenticate(credentials, identity), identity, tokens)
      }),
    )
  })

  serve(app, 'oauth.jwks', (_request, reply) => reply.send({ keys: accessTokens.publicKeys }))

  serve(app, 'oauth.metadata', (_request, reply) => {
    const { issuer } = accessTokens
    const { mode, userScopes } = settings.current.auth
    const withSecret = ['client_secret_post', 'client_secret_basic']
    return reply.send({
      issuer,
      token_endpoint: `${issuer}${operations['oauth.token'].path}`,
      introspection_endpoint: `${issuer}${operations['oauth.introspect'].path}`,
      revocation_endpoint: `${issuer}${operations['oauth.revoke'].path}`,
      jwks_uri: `${issuer}${operations['oauth.jwks'].path}`,
      scopes_supported: [...new Set([...clients.scopes, ...userScopes])].sort(),
      response_types_supported: [],
      grant_types_supported: grantTypes,
      token_endpoint_auth_methods_supported: mode === 'strict' ? withSecret : [...withSecret, 'none'],
      introspection_endpoint_auth_methods_supported: withSecret,
      revocation_endpoint_auth_methods_supported: withSecret,
    })
  })
}

/** OAuth defines how bodies are read and refused, so no schema is checked before the handler. */
function ask(
  app: FastifyInstance,
  name: KnownOperation,
  handler: (request: FastifyRequest, reply: FastifyReply, tokens: TokensBook) => unknown,
): void {
  serveUnchecked(app, name, (request, reply) => {
    void reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
    return handler(request, reply, request.exchange.account.tokens)
  })
}

function shownIn({ body, headers }: FastifyRequest): [body: unknown, authorization: string | undefined] {
  return [body, headers.authorization]
}

function send(reply: FastifyReply, tokens: TokensBook, answer: () => object | void): FastifyReply {
  try {
    return reply.send(answer())
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error
    tokens.rejected(error.error)
    if (error.status === 401) void reply.header('www-authenticate', 'Basic realm="loadcell"')
    return reply.code(error.status).send(error.body)
  }
}
