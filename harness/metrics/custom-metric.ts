import type { MetricDefinition, MetricKind } from './catalog.ts'

/** A metric that a scenario declares. */
export interface CustomMetric<Kind extends MetricKind = MetricKind, Tag extends string = string>
  extends MetricDefinition {
  readonly name: string
  readonly kind: Kind
  /** Keys of the tags that its values may have. */
  readonly tags: readonly Tag[]
  /** The direction of a change for the better. */
  readonly better: 'higher' | 'lower'
}

/** Counters keep multiples of this, so that sums over workers do not depend on the order of the sums. */
const COUNTER_STEP = 2 ** -30
/** Highest value of a trend: four hours in ms, and the same number in any other unit. */
const HIGHEST_IN_TREND = 4 * 3_600_000

/** Returns the value as it is recorded. @throws RangeError or TypeError for one that the metric cannot have */
export function recordable({ name, kind }: CustomMetric, value: unknown): number {
  if (kind === 'rate') {
    if (typeof value === 'boolean') return value ? 1 : 0
    throw new TypeError(`the rate ${name} counts hits: expected true or false, got ${shown(value)}`)
  }
  if (typeof value !== 'number') throw new TypeError(`the ${kind} ${name}: expected a number, got ${shown(value)}`)
  if (!Number.isFinite(value)) throw new RangeError(`the ${kind} ${name}: expected a finite number, got ${value}`)
  if (kind === 'gauge') return value
  if (value < 0) {
    const advice = kind === 'counter' ? 'only grows; use a gauge for a value that falls' : 'has no negative values'
    throw new RangeError(`the ${kind} ${name} ${advice}: expected at least 0, got ${value}`)
  }
  if (kind === 'counter') return Math.round(value / COUNTER_STEP) * COUNTER_STEP
  if (value > HIGHEST_IN_TREND) {
    throw new RangeError(
      `the trend ${name} has values up to ${HIGHEST_IN_TREND}: got ${value}; record it in a larger unit, such as MB instead of bytes`,
    )
  }
  return value
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
