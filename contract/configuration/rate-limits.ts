import { Type, type Static } from 'typebox'
import { DurationValue } from '../distribution.ts'
import { closed } from './value.ts'

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
      description: 'Buckets kept; past it those that were not used the longest are forgotten, and full again.',
    }),
  },
  closed,
)
