import { logGamma } from '../../core/incomplete-gamma.ts'
import type { Margin } from './margin.ts'

/** The margin that a probe of this length had at a load. */
export interface LoadMargin {
  load: number
  seconds: number
  margin: Margin
}

export interface LoadInterval {
  level: number
  low: number
  high: number
}

/** Margins lost when the load grows by a factor of e: from a mean that hardly grows to a service that collapses. */
const SLOPES = [0.5, 1, 2, 4, 8, 16, 32, 64, 128]
/**
 * The margin is a straight line over the logarithm of the load only near the limit. Far from it, a margin may be off by this share of itself,
 * so that a far probe says hardly more than on which side of the limit it is.
 */
const CURVATURE = 0.2

/** Probes within this distance, as a logarithm, have about the same error. */
const NEAR = 0.25
const MOST_DEGREES = 100
const MOST_BIAS = 0.25

/** Returns the probability of each possible limit, given the margins of all probes. Every limit is as probable as another before. */
export class LimitPosterior {
  /** Logarithms of the loads, evenly spaced. */
  readonly #grid: Float64Array
  readonly #shares: Float64Array

  constructor(probes: readonly LoadMargin[], { low, high, step }: { low: number; high: number; step: number }) {
    const [from, to] = [Math.log(low), Math.log(high)]
    const size = Math.max(2, Math.ceil((to - from) / step) + 1)
    this.#grid = Float64Array.from({ length: size }, (_, at) => from + ((to - from) * at) / (size - 1))
    const all = probes.map(probe => prepared(probe, probes))
    const fits = SLOPES.map(slope => this.#grid.map(limit => fitOf(all, limit, slope)))
    const best = Math.max(...fits.map(row => Math.max(...row)))
    const weights = this.#grid.map((_, at) => fits.reduce((sum, row) => sum + Math.exp(row[at]! - best), 0))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    this.#shares = weights.map(weight => weight / total)
  }

  /** Returns the load below which the limit lies with this probability. */
  quantile(probability: number): number {
    let below = 0
    for (const [at, share] of this.#shares.entries()) {
      below += share
      if (below < probability) continue
      const step = this.#grid[1]! - this.#grid[0]!
      // Within its cell, a limit is as probable anywhere.
      const within = share === 0 ? 0 : (probability - below) / share + 0.5
      const [first, last] = [this.#grid[0]!, this.#grid.at(-1)!]
      return Math.exp(Math.max(first, Math.min(last, this.#grid[at]! + within * step)))
    }
    return Math.exp(this.#grid.at(-1)!)
  }

  interval(level: number): LoadInterval {
    return { level, low: this.quantile((1 - level) / 2), high: this.quantile((1 + level) / 2) }
  }
}

/** A probe, with everything that does not depend on the limit computed once. */
interface PreparedProbe {
  logLoad: number
  value: number
  size: number
  variance: number
  degrees: number
  constant: number
}

/**
 * Takes the error of a probe from all probes near its load. In a single one, it is large where the margin is small by chance: a burst makes
 * both, and the bad probes would count for less than the good ones.
 */
function prepared({ load, seconds, margin }: LoadMargin, probes: readonly LoadMargin[]): PreparedProbe {
  const near = probes.filter(other => Math.abs(Math.log(other.load / load)) < NEAR)
  const perSecond = near.reduce((sum, other) => sum + other.margin.error ** 2 * other.seconds, 0) / near.length
  const variance = perSecond / seconds
  const degrees = Math.min(
    MOST_DEGREES,
    near.reduce((sum, other) => sum + other.margin.degrees, 0),
  )
  // The mean of a logarithm is below the logarithm of the mean.
  const value = margin.value - Math.min(MOST_BIAS, variance / 2)
  // The factor in front of the density of Student's t.
  const constant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * degrees) / 2
  return { logLoad: Math.log(load), value, size: Math.abs(value), variance, degrees, constant }
}

/** Returns the logarithm of the likelihood of all margins, if the limit and the slope were these. Deviations follow Student's t. */
function fitOf(probes: readonly PreparedProbe[], limit: number, slope: number): number {
  let fit = 0
  for (const { logLoad, value, size, variance, degrees, constant } of probes) {
    const expected = slope * (limit - logLoad)
    const largest = CURVATURE * Math.max(Math.abs(expected), size)
    const spread = variance + largest * largest
    const deviation = value - expected
    fit +=
      constant - ((degrees + 1) * Math.log(1 + (deviation * deviation) / (spread * degrees)) + Math.log(spread)) / 2
  }
  return fit
}
