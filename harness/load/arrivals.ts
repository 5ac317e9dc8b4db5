import type { Random } from '../../core/random.ts'
import { LoadCourse, type Leg } from './load-course.ts'
import type { ArrivalSpacing, RampStage } from './plan.ts'

/** Start times of iterations that do not depend on the end of earlier ones. Pure: the same random numbers give the same arrivals. */
export interface OpenModel {
  /** Returns the arrivals of the schedule as it was planned, until they follow another course. */
  arrivals(random: Random): ArrivalSequence
  /** Returns the number of arrivals if they are evenly spaced, else the average. */
  expected(course?: LoadCourse): number
}

/** Returns arrivals at a rate that starts at `startPerSecond` and follows straight lines. */
export function openModel(startPerSecond: number, stages: readonly RampStage[], spacing: ArrivalSpacing): OpenModel {
  const curve = () => new RateCurve(startPerSecond, stages)
  return {
    arrivals: random => new ArrivalSequence(curve(), spacing === 'constant' ? evenAreas() : poissonAreas(random)),
    expected: (course = new LoadCourse()) => Math.max(0, Math.ceil(areaUnder(course, curve()) - AREA_TOLERANCE)),
  }
}

/**
 * The arrivals of a schedule, in order, as offsets from its start in ms. The k-th arrival is where the area under the rate reaches
 * k. It is solved exactly, without the previous offset, so that errors do not add up. A change of the rate moves only the arrivals
 * after it: the area until then is what it was.
 */
export class ArrivalSequence {
  readonly #curve: RateCurve
  readonly #areas: Iterator<number, never>
  #legs: readonly AreaLeg[]
  #leg = 0
  #area = 0

  constructor(curve: RateCurve, areas: Iterator<number, never>) {
    this.#curve = curve
    this.#areas = areas
    this.#legs = areaLegs(new LoadCourse(), curve)
  }

  /** Goes on to the next arrival. @returns undefined after the last, and infinity during a pause without an end */
  next(): number | undefined {
    this.#area = this.#areas.next().value
    return this.#due()
  }

  /** Follows another course from now on. @returns the time of the current arrival on it */
  follow(course: LoadCourse): number | undefined {
    this.#legs = areaLegs(course, this.#curve)
    this.#leg = 0
    this.#curve.rewind()
    return this.#due()
  }

  *[Symbol.iterator](): Generator<number, void> {
    for (let dueMs = this.next(); dueMs !== undefined; dueMs = this.next()) yield dueMs
  }

  #due(): number | undefined {
    let leg = this.#legs[this.#leg] as AreaLeg
    while (this.#area >= leg.areaAfter) leg = this.#legs[++this.#leg] as AreaLeg
    if (leg.isPaused) return Number.POSITIVE_INFINITY
    if (leg.factor === 0) return undefined
    const positionMs = this.#curve.positionOf(leg.plannedArea + (this.#area - leg.area) / leg.factor)
    return positionMs === undefined ? undefined : leg.fromMs + positionMs - leg.positionMs
  }
}

/** A leg of a course, with areas under the rate. */
interface AreaLeg extends Leg {
  /** Under the planned rate, until the place in the schedule at which the leg begins. */
  plannedArea: number
  /** Under the actual rate, until the leg begins and until it ends. */
  area: number
  areaAfter: number
}

function areaLegs({ legs }: LoadCourse, curve: RateCurve): AreaLeg[] {
  let area = 0
  return legs.map((leg, index) => {
    const next = legs[index + 1]
    const plannedArea = curve.areaUntil(leg.positionMs)
    const before = area
    if (next !== undefined) area += leg.factor * (curve.areaUntil(next.positionMs) - plannedArea)
    return { ...leg, plannedArea, area: before, areaAfter: next === undefined ? Number.POSITIVE_INFINITY : area }
  })
}

/** Returns the area under the actual rate over the whole schedule. */
function areaUnder(course: LoadCourse, curve: RateCurve): number {
  const { area, plannedArea, factor } = areaLegs(course, curve).at(-1) as AreaLeg
  return area + factor * (curve.area - plannedArea)
}

/** The tolerance keeps a rounding error from adding an arrival at the end of a schedule. */
const AREA_TOLERANCE = 1e-9

interface Piece {
  fromMs: number
  toMs: number
  areaBefore: number
  areaAfter: number
  /** Rates in ms⁻¹. */
  from: number
  slope: number
}

/** The planned rate over the schedule, and the area under it. */
export class RateCurve {
  readonly #pieces: readonly Piece[]
  /** Area under the whole schedule. */
  readonly area: number
  #at = 0

  constructor(startPerSecond: number, stages: readonly RampStage[]) {
    const pieces: Piece[] = []
    let [fromMs, area, from] = [0, 0, startPerSecond / 1000]
    for (const { durationMs, target } of stages) {
      const to = target / 1000
      const areaAfter = area + ((from + to) / 2) * durationMs
      const slope = durationMs === 0 ? 0 : (to - from) / durationMs
      pieces.push({ fromMs, toMs: fromMs + durationMs, areaBefore: area, areaAfter, from, slope })
      fromMs += durationMs
      area = areaAfter
      from = to
    }
    this.#pieces = pieces
    this.area = area
  }

  areaUntil(positionMs: number): number {
    const piece = this.#pieces.find(({ toMs }) => positionMs < toMs)
    if (piece === undefined) return this.area
    const spentMs = positionMs - piece.fromMs
    return piece.areaBefore + spentMs * (piece.from + (piece.slope * spentMs) / 2)
  }

  /** Returns where the area is reached; undefined beyond the end. From one call to the next, areas grow. */
  positionOf(area: number): number | undefined {
    let piece = this.#pieces[this.#at]
    while (piece !== undefined && area >= piece.areaAfter - AREA_TOLERANCE) piece = this.#pieces[++this.#at]
    return piece && piece.fromMs + timeToArea(area - piece.areaBefore, piece.from, piece.slope)
  }

  /** Lets the next area be smaller than the last. */
  rewind(): void {
    this.#at = 0
  }
}

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
