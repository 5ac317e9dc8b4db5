import { Type } from '../../../core/schema.ts'
import { distribution, duration } from '../../../core/distributions/value.ts'
import { choice, integer, section } from './setting.ts'

const Text = Type.String({ minLength: 1, maxLength: 256 })
const Scopes = Type.Array(Type.String({ minLength: 1 }))

const ClientId = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: '^(?!public$)',
  expected: 'an id of 1…256 characters other than "public", which stands for users who log in without a client',
})
const Client = section({ id: ClientId, secret: Text, scopes: Scopes })

const User = section({
  email: Text,
  /** Each of them is accepted. */
  passwords: Type.Array(Text, { minItems: 1, maxItems: 10 }),
  name: Type.Optional(Text),
})

const anything = '<anything>'
const digits = '<digits>'

const UserPattern = section({
  email: Type.String({ pattern: '^[^<>]*<digits>[^<>]*$', expected: `an e-mail address with ${digits} in it` }),
  password: Text,
})

const StaticToken = section({
  token: Type.String({
    pattern: '^[^<>]*(<anything>)?$',
    minLength: 8,
    expected: `a token of at least 8 characters, which may end in ${anything}`,
  }),
  subject: Text,
  scopes: Scopes,
})

export const AuthConfiguration = section({
  mode: choice(
    ['lenient', 'strict'],
    'lenient',
    'strict: no guests, no user patterns, no static tokens, a client for every password grant, and no refresh token for client_credentials (RFC 6749 §4.4.3).',
  ),
  algorithm: choice(
    ['ES256', 'RS256', 'EdDSA', 'HS256'],
    'ES256',
    'Signs access tokens. HS256 has no public key, so nobody else can verify its tokens.',
  ),
  issueCost: distribution('0s', 'Time it takes to issue a token: models a slow identity service.'),
  tokenTtl: duration('1h', 'Lifetime of an access token.'),
  refreshTtl: duration('24h', 'Lifetime of a refresh token.'),
  refreshTokens: integer(
    [1, 10_000_000],
    100_000,
    'Maximum number of refresh tokens kept. Beyond it, the oldest are forgotten.',
  ),
  verifyCache: integer([0, 10_000_000], 10_000, 'Verified tokens remembered; 0 verifies every request.'),
  clients: Type.Array(Client, {
    maxItems: 10_000,
    description: 'The clients that may ask for tokens.',
    default: [
      { id: 'loadforge-producer-client', secret: 'super-secret-producer-key', scopes: ['events.write'] },
      { id: 'loadforge-consumer-client', secret: 'super-secret-consumer-key', scopes: ['streams.read'] },
      { id: 'producer-service', secret: 'producer-secret', scopes: ['events.write'] },
      { id: 'notification-dashboard', secret: 'consumer-secret', scopes: ['streams.read'] },
      { id: 'analytics-ingestor', secret: 'analytics-secret', scopes: ['events.write'] },
      { id: 'reporting-service', secret: 'reporting-secret', scopes: ['reports.read', 'reports.write'] },
    ],
  }),
  users: Type.Array(User, {
    maxItems: 10_000,
    description: 'The users that may log in.',
    default: [
      { email: 'qa.user1@example.com', passwords: ['TestPass123!'] },
      { email: 'qa.user2@example.com', passwords: ['TestPass123!'] },
      { email: 'qa.user3@example.com', passwords: ['TestPass123!'] },
      { email: 'loadtest.manager@example.com', passwords: ['SecurePass456!'] },
      { email: 'testuser@example.com', passwords: ['testpassword123', 'testpass123'] },
    ],
  }),
  userScopes: Type.Array(Type.String({ minLength: 1 }), {
    description: 'Scopes of the token of a user who has logged in.',
    default: ['profile', 'reports.read', 'reports.write', 'streams.read', 'chat', 'collaboration'],
  }),
  userPatterns: Type.Array(UserPattern, {
    maxItems: 100,
    description: 'Users that need not be listed: each number in the address is another user.',
    default: [{ email: 'loadtest+<digits>@example.com', password: 'TestPassword123!' }],
  }),
  staticTokens: Type.Array(StaticToken, {
    maxItems: 1000,
    description: 'Bearer tokens that are accepted without having been issued.',
    default: [
      {
        token: 'reporting-load-test-token',
        subject: 'reporting-load-test',
        scopes: ['reports.read', 'reports.write'],
      },
      { token: 'demo-jwt-token-<anything>', subject: '<anything>', scopes: ['chat'] },
      { token: 'collab-session-<anything>', subject: '<anything>', scopes: ['collaboration'] },
      { token: 'sk-loadcell-<anything>', subject: '<anything>', scopes: [] },
    ],
  }),
})
