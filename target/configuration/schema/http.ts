import type { Static } from 'typebox'
import { Type } from '../../../core/schema.ts'
import { flag, integer, section } from './setting.ts'
import { duration, DurationValue } from '../../../core/distributions/value.ts'

const Origin = Type.String({ pattern: '^(\\*|[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s]+)$', maxLength: 512 })

/** Web pages that may read answers of the API. No page may read those of the control plane and `/metrics`. */
const CorsConfiguration = section({
  origins: Type.Union([Origin, Type.Array(Origin, { maxItems: 100 })], {
    default: [],
    expected: "'*' or origins such as 'https://shop.example', without a path",
    description: "Origins whose pages may call the API (CORS), or '*' for all; none by default.",
  }),
  credentials: flag(false, 'Whether such a page may send cookies and other credentials. Not allowed together with *.'),
  maxAge: duration('10m', 'Time for which a browser may cache the answer to a preflight.'),
})

export const HttpConfiguration = section({
  host: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    description: 'Address to listen on. A name with several addresses, such as localhost, is served on each.',
  }),
  port: integer([0, 65535], 8080, 'Port to listen on; 0 picks a free one.'),
  bodyBytes: integer(
    [1024, 268_435_456],
    1_048_576,
    'Maximum size of a request body in bytes, before and after decompression.',
  ),
  refusedBodyBytes: integer(
    [0, 1_099_511_627_776],
    268_435_456,
    'Maximum number of bytes that are read of a refused body, so that its client can read the answer; beyond them the connection is closed.',
  ),
  refusedBodyTimeout: duration('5s', 'Time for a client to send the rest of a refused body.'),
  jsonDepth: integer(
    [8, 1000],
    256,
    'Maximum number of levels of arrays and objects in JSON from clients: in bodies, events and WebSocket frames.',
  ),
  urlBytes: integer([256, 65_536], 8192, 'Maximum length of a URL in bytes.'),
  headerBytes: integer([1024, 1_048_576], 16_384, 'Maximum size of all request headers together, in bytes.'),
  requestTimeout: duration('30s', 'Time for a whole request to arrive.'),
  keepAliveTimeout: duration('72s', 'Time an idle connection is kept.'),
  serverTiming: flag(
    false,
    'Whether answers report in Server-Timing how long they were delayed, queued, served and handled.',
  ),
  cors: CorsConfiguration,
  drainTimeout: duration('5s', 'Time for requests in flight to finish when the target stops.'),
})

export const RateLimitRule = section({
  /** Shown in the headers of answers. */
  name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$', expected: 'a short name of letters and digits' }),
  /** Which requests are counted together. A caller without a token is identified by its address. */
  by: Type.Enum(['client', 'user', 'tenant']),
  /** Tokens that are refilled in the time `per`. */
  requests: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  per: Type.Optional(DurationValue),
  /** Tokens in a full bucket. Default: `requests`. */
  burst: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  /** Operations it counts, such as `orders.create` or `orders.*`. Default: all. */
  operations: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
})
export type RateLimitRule = Static<typeof RateLimitRule>

export const RateLimitsConfiguration = section({
  rules: Type.Array(RateLimitRule, {
    maxItems: 100,
    default: [],
    description: 'Token buckets: {name, by: client, user or tenant, requests, per: 1s, burst, operations}.',
  }),
  buckets: integer(
    [1, 10_000_000],
    100_000,
    'Maximum number of buckets kept. Beyond it, the least recently used are forgotten; a forgotten bucket starts full again.',
  ),
})
