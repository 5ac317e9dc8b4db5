/**
 * The scale on which the runs of a metric are compared, where their spread depends little on their value: times and rates by their
 * logarithm, so that a difference is a factor; shares by the arc sine of their root.
 */
export interface Scale {
  of(value: number): number
  back(scaled: number): number
  /** Returns the change from one value to another: relative, or for shares the difference. */
  change(base: number, other: number): number
  /** Returns the value that is changed by so much. */
  changed(base: number, change: number): number
}

/** Times and rates below this are taken as this: one microsecond, or one in a thousand seconds. */
const LEAST = 0.001

export const relativeScale: Scale = {
  of: value => Math.log(Math.max(value, LEAST)),
  back: Math.exp,
  change: (base, other) => other / base - 1,
  changed: (base, change) => base * (1 + change),
}

export const shareScale: Scale = {
  of: value => Math.asin(Math.sqrt(Math.min(1, Math.max(0, value)))),
  back: scaled => Math.sin(Math.min(Math.PI / 2, Math.max(0, scaled))) ** 2,
  change: (base, other) => other - base,
  changed: (base, change) => base + change,
}
