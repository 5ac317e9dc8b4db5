import type { Random } from '../../core/random.ts'
import type { ArrivalSpacing, RampStage } from './plan.ts'

/** Start times of iterations that do not depend on the end of earlier ones. Pure: the same random numbers give the same arrivals. */
export interface OpenModel {
  /** Returns ascending offsets from the start of the schedule, in ms. */
  arrivals(random: Random): Iterable<number>
  /** Number of arrivals if they are evenly spaced, else the average. */
  readonly expected: number
}

/**
 * Returns arrivals at a rate that starts at `startPerSecond` and follows straight lines. The k-th arrival is where the area under
 * the rate reaches k. It is solved exactly, without the previous offset, so that errors do not add up.
 */
export function openModel(startPerSecond: number, stages: readonly RampStage[], spacing: ArrivalSpacing): OpenModel {
  const area = stages.reduce(
    ({ sum, from }, { durationMs, target }) => ({ sum: sum + ((from + target) / 2000) * durationMs, from: target }),
    { sum: 0, from: startPerSecond },
  ).sum
  return {
    expected: Math.ceil(area - AREA_TOLERANCE),
    *arrivals(random) {
      const areas = spacing === 'constant' ? evenAreas() : poissonAreas(random)
      let area = areas.next().value
      let stageStartMs = 0
      let areaBefore = 0
      let from = startPerSecond / 1000
      for (const { durationMs, target } of stages) {
        const to = target / 1000
        const areaAfter = areaBefore + ((from + to) / 2) * durationMs
        // The tolerance keeps a rounding error from adding an arrival at the end of a schedule.
        while (area < areaAfter - AREA_TOLERANCE) {
          yield stageStartMs + timeToArea(area - areaBefore, from, (to - from) / durationMs)
          area = areas.next().value
        }
        stageStartMs += durationMs
        areaBefore = areaAfter
        from = to
      }
    },
  }
}

const AREA_TOLERANCE = 1e-9

/** Returns the root of `from · t + slope · t² / 2 = area`, in a form that is accurate when the slope is near zero. */
function timeToArea(area: number, from: number, slope: number): number {
  if (area <= 0) return 0
  return (2 * area) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * area)))
}

function* evenAreas(): Generator<number, never> {
  for (let ordinal = 0; ; ordinal++) yield ordinal
}

/** Yields a Poisson process of rate one in the area under the rate; over time, it has the given rate. */
function* poissonAreas(random: Random): Generator<number, never> {
  for (let area = 0; ; ) {
    area -= Math.log1p(-random.next())
    yield area
  }
}
