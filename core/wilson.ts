import { normalQuantile } from './normal.ts'

/** A confidence interval for a share. */
export interface ShareInterval {
  level: number
  low: number
  high: number
}

/** Wilson's score interval (1927). It is valid for small samples and for shares near 0 and 1. Without trials it is 0 to 1. */
export function wilsonInterval(successes: number, trials: number, level: number): ShareInterval {
  if (trials === 0) return { level, low: 0, high: 1 }
  const z = normalQuantile((1 + level) / 2)
  const share = successes / trials
  const denominator = 1 + z ** 2 / trials
  const centre = (share + z ** 2 / (2 * trials)) / denominator
  const halfWidth = (z / denominator) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))
  return {
    level,
    // The formula yields exactly 0 and 1 here, apart from rounding.
    low: successes === 0 ? 0 : centre - halfWidth,
    high: successes === trials ? 1 : centre + halfWidth,
  }
}
