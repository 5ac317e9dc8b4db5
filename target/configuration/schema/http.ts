import { type Static, Type } from 'typebox'
import { closed } from '../../../core/check.ts'
import { duration, DurationValue } from '../../../core/distributions/value.ts'

const Origin = Type.String({ pattern: '^(\\*|[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s]+)$', maxLength: 512 })

/** Which web pages may read what the API answers. The control plane and `/metrics` are read by none. */
const CorsConfiguration = Type.Object(
  {
    origins: Type.Union([Origin, Type.Array(Origin, { maxItems: 100 })], {
      default: [],
      expected: "'*' or origins such as 'https://shop.example', without a path",
      description: "Origins whose pages may call the API (CORS), or '*' for all; none by default.",
    }),
    credentials: Type.Boolean({
      default: false,
      description: 'Whether such a page may send cookies and other credentials. Not allowed together with *.',
    }),
    maxAge: duration('10m', 'Time for which a browser may cache the answer to a preflight.'),
  },
  closed,
)

export const HttpConfiguration = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      description: 'Address to listen on. A name with several addresses, such as localhost, is served on each.',
    }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65535,
      default: 8080,
      description: 'Port to listen on; 0 picks a free one.',
    }),
    bodyBytes: Type.Integer({
      minimum: 1024,
      maximum: 268_435_456,
      default: 1_048_576,
      description: 'Largest request body in bytes, before and after decompression.',
    }),
    refusedBodyBytes: Type.Integer({
      minimum: 0,
      maximum: 1_099_511_627_776,
      default: 268_435_456,
      description:
        'Most bytes that are read of a refused body, so that its client can read the answer; beyond them the connection is closed.',
    }),
    refusedBodyTimeout: duration('5s', 'Time for a client to send the rest of a refused body.'),
    jsonDepth: Type.Integer({
      minimum: 8,
      maximum: 1000,
      default: 256,
      description: 'Most levels of arrays and objects in JSON from clients: in bodies, events and WebSocket frames.',
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
    serverTiming: Type.Boolean({
      default: false,
      description: 'Whether answers say in Server-Timing how long they were delayed, queued, served and handled.',
    }),
    cors: CorsConfiguration,
    drainTimeout: duration('5s', 'Time requests in flight get when the target stops.'),
  },
  closed,
)

export const RateLimitRule = Type.Object(
  {
    /** Told in the headers. */
    name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$', expected: 'a short name of letters and digits' }),
    /** Which requests are counted together. A caller without a token is identified by its address. */
    by: Type.Enum(['client', 'user', 'tenant']),
    /** Tokens that come back over `per`. */
    requests: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
    per: Type.Optional(DurationValue),
    /** Tokens in a full bucket. Default: `requests`. */
    burst: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
    /** Operations it counts, such as `orders.create` or `orders.*`. Default: all. */
    operations: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  },
  closed,
)
export type RateLimitRule = Static<typeof RateLimitRule>

export const RateLimitsConfiguration = Type.Object(
  {
    rules: Type.Array(RateLimitRule, {
      maxItems: 100,
      default: [],
      description: 'Token buckets: {name, by: client, user or tenant, requests, per: 1s, burst, operations}.',
    }),
    buckets: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description: 'Most buckets kept. Beyond it, the least recently used are forgotten, so that they are full again.',
    }),
  },
  closed,
)
