import { Type, type Static } from 'typebox'

const closed = { additionalProperties: false }

const duration = (fallback: string, description: string) =>
  Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: '^(0|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$' })], {
    default: fallback,
    description,
    expected: "a duration such as '250ms', '1.5s' or '1h', or a number of milliseconds",
  })

const Client = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    secret: Type.String({ minLength: 1 }),
    scopes: Type.Array(Type.String({ minLength: 1 })),
  },
  closed,
)

/** The whole configuration of the target: every key, its bounds and its default. */
export const Configuration = Type.Object(
  {
    seed: Type.Integer({
      minimum: 0,
      maximum: 4_294_967_295,
      default: 1,
      description: 'Seeds everything the target makes up.',
    }),
    http: Type.Object(
      {
        host: Type.String({
          minLength: 1,
          default: '127.0.0.1',
          description: 'Address to listen on; loopback unless you say otherwise.',
        }),
        port: Type.Integer({
          minimum: 0,
          maximum: 65535,
          default: 8080,
          description: 'Port to listen on; 0 takes a free one.',
        }),
        bodyBytes: Type.Integer({
          minimum: 1024,
          maximum: 268_435_456,
          default: 1_048_576,
          description: 'Largest request body, also after unpacking.',
        }),
        urlBytes: Type.Integer({ minimum: 256, maximum: 65_536, default: 8192, description: 'Longest URL.' }),
        headerBytes: Type.Integer({
          minimum: 1024,
          maximum: 1_048_576,
          default: 16_384,
          description: 'Largest set of request headers.',
        }),
        requestTimeout: duration('30s', 'Time a request has to arrive whole.'),
        keepAliveTimeout: duration('72s', 'Time an idle connection is kept.'),
        drainTimeout: duration('5s', 'Time requests in flight get when the target stops.'),
      },
      closed,
    ),
    control: Type.Object(
      {
        token: Type.String({
          default: '',
          description: 'Bearer token of the control plane; empty: loopback clients only.',
        }),
      },
      closed,
    ),
    auth: Type.Object(
      {
        mode: Type.Enum(['lenient', 'strict'], {
          default: 'lenient',
          description: 'strict: no refresh token for client_credentials (RFC 6749 §4.4.3).',
        }),
        tokenTtl: duration('1h', 'Lifetime of an access token.'),
        refreshTtl: duration('24h', 'Lifetime of a refresh token.'),
        refreshTokens: Type.Integer({
          minimum: 1,
          maximum: 10_000_000,
          default: 100_000,
          description: 'Refresh tokens kept; past it the oldest are forgotten.',
        }),
        verifyCache: Type.Integer({
          minimum: 0,
          maximum: 10_000_000,
          default: 10_000,
          description: 'Verified tokens remembered; 0 verifies every request.',
        }),
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
      },
      closed,
    ),
    events: Type.Object(
      {
        unknownTypes: Type.Enum(['accept', 'reject'], {
          default: 'accept',
          description: 'What becomes of event types without a schema.',
        }),
        idempotency: Type.Enum(['lenient', 'strict'], {
          default: 'lenient',
          description: 'strict: an Idempotency-Key with another body is refused.',
        }),
        idempotencyKeys: Type.Integer({
          minimum: 1,
          maximum: 10_000_000,
          default: 50_000,
          description: 'Idempotency keys remembered.',
        }),
        batchEvents: Type.Integer({
          minimum: 1,
          maximum: 100_000,
          default: 1000,
          description: 'Most events in a batch.',
        }),
        dedupeEvents: Type.Integer({
          minimum: 0,
          maximum: 50_000_000,
          default: 200_000,
          description: 'Event ids remembered per tenant; 0 switches deduplication off.',
        }),
        dedupeWindow: duration('10m', 'Time an event id is remembered.'),
      },
      closed,
    ),
    streams: Type.Object(
      {
        partitions: Type.Integer({ minimum: 1, maximum: 256, default: 8, description: 'Partitions of each stream.' }),
        historyEvents: Type.Integer({
          minimum: 1,
          maximum: 10_000_000,
          default: 10_000,
          description: 'Events kept per stream.',
        }),
        historyBytes: Type.Integer({
          minimum: 1024,
          maximum: 1_073_741_824,
          default: 16_777_216,
          description: 'Bytes of events kept per stream.',
        }),
        historyAge: duration('1h', 'Time events are kept.'),
        perTenant: Type.Integer({
          minimum: 4,
          maximum: 10_000,
          default: 64,
          description: 'Streams a tenant may have.',
        }),
        tenants: Type.Integer({ minimum: 1, maximum: 10_000, default: 64, description: 'Tenants the target keeps.' }),
        connections: Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          default: 20_000,
          description: 'Streams open at once.',
        }),
        retry: duration('2s', 'Reconnection delay told to clients.'),
        keepAlive: duration('15s', 'A comment is sent this often.'),
        idleKeepAlive: duration('5s', 'A comment is sent after this long without an event.'),
        slowConsumer: Type.Object(
          {
            policy: Type.Enum(['disconnect', 'drop_oldest', 'drop_newest'], {
              default: 'disconnect',
              description: 'What happens when the outbound budget is spent.',
            }),
            budgetBytes: Type.Integer({
              minimum: 1024,
              maximum: 1_073_741_824,
              default: 1_048_576,
              description: 'Bytes that may wait for one client.',
            }),
            budgetAge: duration('30s', 'Time a frame may wait for its client.'),
            notify: Type.Boolean({
              default: false,
              description: 'Tell the client what was dropped once it catches up.',
            }),
          },
          closed,
        ),
      },
      closed,
    ),
    feed: Type.Object(
      {
        orders: Type.Number({
          minimum: 0,
          maximum: 10_000,
          default: 5,
          description: 'Ambient order events per second; 0 = off.',
        }),
        inventory: Type.Number({
          minimum: 0,
          maximum: 10_000,
          default: 5,
          description: 'Ambient inventory events per second; 0 = off.',
        }),
        pricing: Type.Number({
          minimum: 0,
          maximum: 10_000,
          default: 5,
          description: 'Ambient price events per second; 0 = off.',
        }),
      },
      closed,
    ),
    ledger: Type.Object(
      {
        runs: Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 32,
          description: 'Runs kept; past it the oldest is forgotten.',
        }),
        records: Type.Integer({
          minimum: 0,
          maximum: 10_000_000,
          default: 100_000,
          description: 'Single requests kept, over all runs.',
        }),
        consumers: Type.Integer({
          minimum: 0,
          maximum: 1_000_000,
          default: 20_000,
          description: 'Consumers accounted one by one, per run.',
        }),
        lateAfter: duration('50ms', 'Event-loop delay past which a record is marked late.'),
      },
      closed,
    ),
    log: Type.Object(
      {
        level: Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], {
          default: 'info',
          description: 'Least severe line that is written.',
        }),
      },
      closed,
    ),
  },
  closed,
)
export type Configuration = Static<typeof Configuration>
