/** A change of a load under way. It applies at an offset from the start of the run, the same for all workers. */
export type LoadChange = {
  atMs: number
  /** Name of the load; absent for all loads. */
  load?: string
} & LoadAction

/** The factor of a scale is relative to the plan, so that a repeated change changes nothing. */
export type LoadAction = { kind: 'pause' } | { kind: 'resume' } | { kind: 'scale'; factor: number }

/** A part of a course in which nothing changes. */
export interface Leg {
  /** When it begins, as an offset from the start of the schedule in real time. */
  fromMs: number
  /** The place in the schedule at its beginning. */
  positionMs: number
  factor: number
  isPaused: boolean
}

/**
 * How a schedule goes on in real time. A pause suspends the schedule: its place stands still, and everything after it comes later.
 * A factor multiplies the planned number of users or iterations, and leaves the length as it is. Pure: the same changes give the
 * same course, whenever they become known.
 */
export class LoadCourse {
  /** In order of time; at least one. The last has no end. */
  readonly legs: readonly Leg[]

  /**
   * @param beganMs when the schedule began, as an offset from the start of the run
   * @param plannedMs when it should have begun. A pause and its end count from the start of the run, whenever this schedule began. A
   *   scale counts from the place that the schedule should have reached, so that all workers have the same arrivals.
   */
  constructor(changes: readonly LoadChange[] = [], beganMs = 0, plannedMs = beganMs) {
    const inOrder = changes.toSorted((a, b) => a.atMs - b.atMs)
    const scales = scalesIn(inOrder, plannedMs)
    const pauses = inOrder.filter(({ kind }) => kind !== 'scale')
    const legs: Leg[] = [{ fromMs: 0, positionMs: 0, factor: 1, isPaused: false }]
    for (let scale = 0, pause = 0; scale < scales.length || pause < pauses.length; ) {
      const last = legs.at(-1) as Leg
      const scaleMs = timeOfScale(scales[scale], last, beganMs)
      const pauseMs = Math.max(0, (pauses[pause]?.atMs ?? Number.POSITIVE_INFINITY) - beganMs)
      const isSameTime = Math.abs(scaleMs - pauseMs) < ROUNDING_MS
      if (isSameTime ? isBefore(pauses[pause], scales[scale], inOrder) : pauseMs < scaleMs) {
        const isPaused = pauses[pause++]?.kind === 'pause'
        push(legs, { fromMs: pauseMs, positionMs: placeAfter(last, pauseMs), factor: last.factor, isPaused })
      } else {
        if (scaleMs === Number.POSITIVE_INFINITY) break
        const { positionMs, factor } = scales[scale++] as AgreedScale
        const place = Math.max(last.positionMs, positionMs)
        push(legs, { fromMs: scaleMs, positionMs: place, factor, isPaused: last.isPaused })
      }
    }
    this.legs = legs
  }

  /** Returns the leg at a time. */
  legAt(atMs: number): Leg {
    return this.legs.findLast(({ fromMs }) => fromMs <= atMs + ROUNDING_MS) ?? (this.legs[0] as Leg)
  }

  /** Returns the place in the schedule at a time. */
  positionAt(atMs: number): number {
    return placeAfter(this.legAt(atMs), atMs)
  }

  /** Returns when the schedule reaches a place in it; infinity while it is paused before that. */
  timeAt(positionMs: number): number {
    const leg = this.legs.find(
      (leg, index) => !leg.isPaused && positionMs <= (this.legs[index + 1]?.positionMs ?? Number.POSITIVE_INFINITY),
    )
    return leg === undefined ? Number.POSITIVE_INFINITY : leg.fromMs + positionMs - leg.positionMs
  }

  /** Returns how long the schedule is suspended between two times. */
  pausedMs(fromMs: number, toMs: number): number {
    return this.legs.reduce((sum, leg, index) => {
      const end = Math.min(toMs, this.legs[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY)
      return leg.isPaused ? sum + Math.max(0, end - Math.max(fromMs, leg.fromMs)) : sum
    }, 0)
  }
}

interface AgreedScale {
  change: LoadChange
  /** The place in the schedule from which on it counts. */
  positionMs: number
  factor: number
}

/** Times that are closer than this differ by rounding only. */
const ROUNDING_MS = 1e-6

function isBefore(
  pause: LoadChange | undefined,
  scale: AgreedScale | undefined,
  inOrder: readonly LoadChange[],
): boolean {
  return inOrder.findIndex(change => change === pause) < inOrder.findIndex(change => change === scale?.change)
}

/** Returns the scales of a schedule that begins when it should. */
function scalesIn(changes: readonly LoadChange[], beganMs: number): AgreedScale[] {
  const scales: AgreedScale[] = []
  let [atMs, positionMs, isPaused] = [beganMs, 0, false]
  for (const change of changes) {
    if (change.atMs > atMs) {
      if (!isPaused) positionMs += change.atMs - atMs
      atMs = change.atMs
    }
    if (change.kind === 'scale') scales.push({ change, positionMs, factor: change.factor })
    else isPaused = change.kind === 'pause'
  }
  return scales
}

/** Returns when a schedule reaches a scale; one that comes in a pause applies at once. */
function timeOfScale(scale: AgreedScale | undefined, { fromMs, positionMs, isPaused }: Leg, beganMs: number): number {
  if (scale === undefined) return Number.POSITIVE_INFINITY
  if (!isPaused) return fromMs + Math.max(0, scale.positionMs - positionMs)
  return scale.positionMs > positionMs + ROUNDING_MS
    ? Number.POSITIVE_INFINITY
    : Math.max(fromMs, scale.change.atMs - beganMs)
}

/** Adds a leg, unless nothing changes. It replaces one that would have no length. */
function push(legs: Leg[], leg: Leg): void {
  const last = legs.at(-1) as Leg
  if (leg.factor === last.factor && leg.isPaused === last.isPaused) return
  if (leg.fromMs === last.fromMs) legs.pop()
  legs.push(leg)
}

function placeAfter({ fromMs, positionMs, isPaused }: Leg, atMs: number): number {
  return isPaused ? positionMs : positionMs + (atMs - fromMs)
}

/** Returns the changes that apply to a load. */
export function changesOf(changes: readonly LoadChange[], load: string | undefined): LoadChange[] {
  return changes.filter(change => change.load === undefined || change.load === load)
}
