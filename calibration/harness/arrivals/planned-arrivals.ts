import { random } from '../../../core/random.ts'
import type { Stage } from '../../../harness/scenario.ts'
import { parseDuration } from '../../../core/duration.ts'

/** A rate of arrivals that follows straight lines, per second. */
export interface PlannedRate {
  startPerSecond: number
  stages: readonly Stage[]
}

const HALVINGS = 80

/**
 * Returns the offsets in ms at which arrivals are due: evenly, where the area under the rate reaches 0, 1, 2 …; with a seed as a
 * Poisson process. The area is inverted by bisection, and not by the harness's own formula.
 */
export function plannedArrivals(rate: PlannedRate, poissonSeed?: number): number[] {
  const totalMs = lengthOf(rate)
  const total = areaUntil(rate, totalMs)
  const draws = poissonSeed === undefined ? undefined : random(poissonSeed).fork('arrivals')
  const next = (area: number) => (draws === undefined ? area + 1 : area - Math.log(1 - draws.next()))
  const offsets: number[] = []
  // Rounding must not add an arrival at the very end.
  for (let area = draws === undefined ? 0 : next(0); area < total - 1e-9; area = next(area)) {
    let [low, high] = [0, totalMs]
    for (let halving = 0; halving < HALVINGS; halving++) {
      const middle = (low + high) / 2
      if (areaUntil(rate, middle) < area) low = middle
      else high = middle
    }
    offsets.push(high)
  }
  return offsets
}

/** Returns the expected number of arrivals. */
export function expectedArrivals(rate: PlannedRate): number {
  return areaUntil(rate, lengthOf(rate))
}

function lengthOf({ stages }: PlannedRate): number {
  return stages.reduce((sum, { duration }) => sum + parseDuration(duration), 0)
}

/** Returns the area under the rate up to a time: by trapezia. */
function areaUntil({ startPerSecond, stages }: PlannedRate, untilMs: number): number {
  let [area, from, leftMs] = [0, startPerSecond, untilMs]
  for (const { duration, target } of stages) {
    const durationMs = parseDuration(duration)
    const partMs = Math.min(leftMs, durationMs)
    const reached = partMs === durationMs ? target : from + ((target - from) * partMs) / durationMs
    area += (((from + reached) / 2) * partMs) / 1000
    leftMs -= partMs
    from = target
  }
  return area
}
