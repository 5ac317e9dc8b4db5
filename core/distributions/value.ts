import type { Static } from 'typebox'
import { Type } from '../schema.ts'
import { closed, variant } from '../check.ts'

/** The number of digits and of parts is limited, so that every duration is a finite number. */
const durationPattern = '^(0|(\\d{1,9}(\\.\\d{1,9})?(ms|s|m|h|d)){1,5})$'
const longestMs = 1e15

/** `'250ms'`, `'1.5s'`, or a number of milliseconds. */
export const DurationValue = Type.Union(
  [Type.Number({ minimum: 0, maximum: longestMs }), Type.String({ pattern: durationPattern })],
  {
    expected: "a duration such as '250ms', '1.5s' or '1h', or a number of milliseconds",
  },
)

/** Draws above it are repeated, which leaves the distribution of the draws below it. */
const max = Type.Optional(DurationValue)
/** Beyond 1000 the draws hardly differ. */
const shape = Type.Number({ exclusiveMinimum: 0, maximum: 1000 })

/** The distributions that can be part of a mixture. */
const parts = [
  Type.Number({ minimum: 0, maximum: longestMs }),
  Type.String({ pattern: durationPattern }),
  variant('fixed', { value: DurationValue }),
  variant('uniform', { min: DurationValue, max: DurationValue }),
  /** Negative draws are repeated. `mean` and `sd` are those of the whole bell curve. */
  variant('normal', { mean: DurationValue, sd: DurationValue, max }),
  variant('lognormal', { median: DurationValue, p99: DurationValue, max }),
  /** Mean and standard deviation of the natural logarithm of milliseconds. */
  variant('lognormal', {
    mu: Type.Number({ minimum: -100, maximum: 100 }),
    sigma: Type.Number({ minimum: 0, maximum: 20 }),
    max,
  }),
  variant('exponential', { mean: DurationValue, max }),
  /** `scale` is the minimum. */
  variant('pareto', { shape, scale: DurationValue, max }),
  variant('gamma', { shape, scale: DurationValue, max }),
  variant('weibull', { shape, scale: DurationValue, max }),
  /**
   * A measured distribution by percentile: from `p0`, the minimum, to `p100`, the maximum, with even spread between
   * neighbours.
   */
  variant('empirical', {
    percentiles: Type.Record(Type.String({ pattern: '^p\\d+(\\.\\d+)?$' }), DurationValue, {
      additionalProperties: false,
      expected: "values by percentile, such as {p0: '1ms', p50: '20ms', p99: '200ms', p100: '1s'}",
    }),
  }),
  /** A measured distribution as an HDR histogram: V2 encoding, compressed, in base64. */
  variant('empirical', {
    histogram: Type.String({ minLength: 1, maxLength: 262_144 }),
    /** Unit of the integers in the histogram. Loadcell records `us`. */
    unit: Type.Optional(Type.Enum(['ns', 'us', 'ms'])),
  }),
] as const

const Part = Type.Union([...parts], {
  expected: "a duration such as '250ms', or a distribution {type, …} other than mixture and replay",
})

/** How long something takes: always the same, or drawn from a distribution. */
export const DistributionValue = Type.Union(
  [
    ...parts,
    /** A share of the draws is slow, the rest is fast. */
    variant('bimodal', { fast: Part, slow: Part, slowShare: Type.Number({ minimum: 0, maximum: 1 }) }),
    variant('mixture', {
      components: Type.Array(Type.Object({ weight: Type.Number({ minimum: 0 }), distribution: Part }, closed), {
        minItems: 1,
        maxItems: 100,
      }),
    }),
    /** The times of a trace, in order. */
    variant('replay', {
      trace: Type.Array(DurationValue, { minItems: 1, maxItems: 100_000 }),
      /** Whether the trace starts again at its end. If not, its last time repeats. */
      loop: Type.Boolean(),
    }),
  ],
  {
    expected:
      "a duration such as '250ms', or a distribution {type, …} of type fixed, uniform, normal, lognormal, exponential, pareto, gamma, weibull, bimodal, mixture, empirical or replay",
  },
)
export type DistributionValue = Static<typeof DistributionValue>
/** A distribution of the given type. */
export type DistributionOf<Type> = Extract<DistributionValue, { type: Type }>

/** A duration that has a default. */
export function duration(fallback: string, description: string) {
  return Type.Union(DurationValue.anyOf, { ...DurationValue, default: fallback, description })
}

/** A distribution that has a default. */
export function distribution(fallback: DistributionValue, description: string) {
  return Type.Union(DistributionValue.anyOf, { ...DistributionValue, default: fallback, description })
}
