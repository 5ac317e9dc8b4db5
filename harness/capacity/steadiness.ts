import { median } from '../../core/median.ts'
import { normalCdf } from '../../core/normal.ts'

/** Whether what a probe measured, second by second, comes from one state of the service. */
export interface Steadiness {
  state: 'steady' | 'rising' | 'falling' | 'unsettled'
  /** Leading values that belong to a warm-up, and are cut off. */
  cut: number
}

/**
 * A cut must leave at most this share of the squared standard error. Otherwise chance decides: bursts at the beginning would be cut off, and
 * those later would not, which makes any service look better than it is.
 */
const MOST_LEFT = 0.4
/** None of fewer values is cut off. */
const FEWEST_TO_CUT = 6
/** Fewer values show no trend. */
const FEWEST_VALUES = 5
/** Probability of a trend at least as clear in a service that has none. */
const MOST_CHANCE = 0.01
/** A trend that changes less than this share of the median from the first value to the last does not matter. */
const LEAST_CHANGE = 0.25

/**
 * Cuts off the warm-up by MSER (White 1997: the cut that minimises the standard error of the mean of the rest) and tests the rest for a
 * trend (Mann 1945, Kendall 1975). A cut in the second half means that the values had not settled.
 */
export function steadinessOf(values: readonly number[]): Steadiness {
  const cut = values.length < FEWEST_TO_CUT ? 0 : warmUpOf(values)
  const rest = values.slice(cut)
  if (rest.length < FEWEST_VALUES) return { state: 'steady', cut }
  const trend = trendOf(rest)
  const isClear = trend.chance < MOST_CHANCE && Math.abs(trend.change) > LEAST_CHANGE
  if (isClear) return { state: trend.change > 0 ? 'rising' : 'falling', cut }
  return { state: cut > 0 && cut >= Math.floor(values.length / 2) ? 'unsettled' : 'steady', cut }
}

/** Returns how many leading values to cut off: at most half of them. */
function warmUpOf(values: readonly number[]): number {
  let [best, bestError, wholeError] = [0, Number.POSITIVE_INFINITY, 0]
  let [sum, squares] = [0, 0]
  for (let cut = values.length - 1; cut >= 0; cut--) {
    const value = values[cut]!
    sum += value
    squares += value * value
    const count = values.length - cut
    const error = Math.max(0, squares - (sum * sum) / count) / count ** 2
    // An equal error prefers the earlier cut.
    if (cut <= values.length / 2 && error <= bestError) [best, bestError] = [cut, error]
    wholeError = error
  }
  return bestError <= MOST_LEFT * wholeError ? best : 0
}

/** Returns the change along the line of Theil and Sen, relative to the median, and the chance of such a trend without a cause. */
function trendOf(values: readonly number[]): { chance: number; change: number } {
  const slopes: number[] = []
  let [ups, downs] = [0, 0]
  values.forEach((later, at) => {
    for (let before = 0; before < at; before++) {
      const difference = later - values[before]!
      slopes.push(difference / (at - before))
      if (difference > 0) ups += 1
      if (difference < 0) downs += 1
    }
  })
  const { length } = values
  const score = ups - downs
  const deviation = Math.sqrt((length * (length - 1) * (2 * length + 5)) / 18)
  const distance = Math.max(0, Math.abs(score) - 1) / deviation
  const middle = median(values)
  return {
    chance: 2 * (1 - normalCdf(distance)),
    change: length < 2 || middle === 0 ? 0 : (median(slopes) * (length - 1)) / middle,
  }
}
