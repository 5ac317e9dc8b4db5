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

  /** @param beganMs when the schedule began, as an offset from the start of the run */
  constructor(changes: readonly LoadChange[] = [], beganMs = 0) {
    const legs: Leg[] = [{ fromMs: 0, positionMs: 0, factor: 1, isPaused: false }]
    for (const change of changes.toSorted((a, b) => a.atMs - b.atMs)) {
      const last = legs.at(-1) as Leg
      const fromMs = Math.max(0, change.atMs - beganMs)
      const leg = { ...changed(last, change), fromMs, positionMs: placeAfter(last, fromMs) }
      if (leg.factor === last.factor && leg.isPaused === last.isPaused) continue
      if (fromMs === last.fromMs) legs.pop()
      legs.push(leg)
    }
    this.legs = legs
  }

  /** Returns the leg at a time. */
  legAt(atMs: number): Leg {
    return this.legs.findLast(({ fromMs }) => fromMs <= atMs) ?? (this.legs[0] as Leg)
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

function changed({ factor, isPaused }: Leg, change: LoadAction): Pick<Leg, 'factor' | 'isPaused'> {
  return change.kind === 'scale' ? { factor: change.factor, isPaused } : { factor, isPaused: change.kind === 'pause' }
}

function placeAfter({ fromMs, positionMs, isPaused }: Leg, atMs: number): number {
  return isPaused ? positionMs : positionMs + (atMs - fromMs)
}

/** Returns the changes that apply to a load. */
export function changesOf(changes: readonly LoadChange[], load: string | undefined): LoadChange[] {
  return changes.filter(change => change.load === undefined || change.load === load)
}
