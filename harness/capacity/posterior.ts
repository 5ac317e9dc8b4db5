import { logGamma } from '../../core/incomplete-gamma.ts'
import type { Margin } from './margin.ts'

/** The margin that one probe had at a load. */
export interface LoadMargin {
  load: number
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
const CURVATURE = 0.4

/** Returns the probability of each possible limit, given the margins of all probes. Every limit is as probable as another before. */
export class LimitPosterior {
  /** Logarithms of the loads, evenly spaced. */
  readonly #grid: Float64Array
  readonly #shares: Float64Array

  constructor(probes: readonly LoadMargin[], { low, high, step }: { low: number; high: number; step: number }) {
    const [from, to] = [Math.log(low), Math.log(high)]
    const size = Math.max(2, Math.ceil((to - from) / step) + 1)
    this.#grid = Float64Array.from({ length: size }, (_, at) => from + ((to - from) * at) / (size - 1))
    const fits = SLOPES.map(slope => Array.from(this.#grid, limit => fitOf(probes, limit, slope)))
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

/** Returns the logarithm of the likelihood of all margins, if the limit and the slope were these. */
function fitOf(probes: readonly LoadMargin[], limit: number, slope: number): number {
  let fit = 0
  for (const { load, margin } of probes) {
    const expected = slope * (limit - Math.log(load))
    const largest = Math.max(Math.abs(expected), Math.abs(margin.value))
    const spread = Math.hypot(margin.error, CURVATURE * largest)
    fit += logStudent((margin.value - expected) / spread, margin.degrees) - Math.log(spread)
  }
  return fit
}

/** Returns the logarithm of the density of Student's t. */
function logStudent(t: number, degrees: number): number {
  return constantOf(degrees) - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees)
}

const constants = new Map<number, number>()

function constantOf(degrees: number): number {
  let constant = constants.get(degrees)
  if (constant === undefined) {
    constant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * degrees) / 2
    constants.set(degrees, constant)
  }
  return constant
}
