import { Type, type Static } from 'typebox'

const durationPattern = '^(0|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$'

/** `'250ms'`, `'1.5s'`, or a number of milliseconds. */
export const DurationValue = Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: durationPattern })], {
  expected: "a duration such as '250ms', '1.5s' or '1h', or a number of milliseconds",
})

const closed = { additionalProperties: false }

/** How long something takes: always the same, or drawn from a distribution. */
export const DistributionValue = Type.Union(
  [
    Type.Number({ minimum: 0 }),
    Type.String({ pattern: durationPattern }),
    Type.Object({ type: Type.Literal('fixed'), value: DurationValue }, closed),
    Type.Object({ type: Type.Literal('uniform'), min: DurationValue, max: DurationValue }, closed),
    Type.Object({ type: Type.Literal('exponential'), mean: DurationValue }, closed),
    Type.Object({ type: Type.Literal('lognormal'), median: DurationValue, p99: DurationValue }, closed),
  ],
  {
    expected:
      "a duration such as '250ms', or a distribution: {type: fixed, value}, {type: uniform, min, max}, {type: exponential, mean} or {type: lognormal, median, p99}",
  },
)
export type DistributionValue = Static<typeof DistributionValue>
