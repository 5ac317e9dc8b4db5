import type { LoadCourse } from './load-course.ts'
import { type ClosedLoad, plannedMsOf, type RampStage } from './plan.ts'

/** The number of users from a moment on. */
export interface UserStep {
  atMs: number
  users: number
}

/** A line of users over the schedule: straight from stage to stage. */
export interface UserLine {
  startVUs: number
  stages: readonly RampStage[]
}

/** Returns the users of a load over its schedule; a load without stages has the same number all the time. */
export function userLineOf(load: ClosedLoad): UserLine {
  if ('stages' in load) return load
  return { startVUs: load.vus, stages: [{ durationMs: plannedMsOf(load), target: load.vus }] }
}

/**
 * Yields every change of the number of users along straight lines between stages. As in k6, a user is started, or stopped,
 * when the line has reached the next whole number. A line that stays between two whole numbers is rounded.
 */
export function* userSteps(startVUs: number, stages: readonly RampStage[]): Generator<UserStep, void> {
  yield { atMs: 0, users: Math.round(startVUs) }
  let stageStartMs = 0
  let from = startVUs
  for (const { durationMs, target } of stages) {
    const endsAtMs = stageStartMs + durationMs
    if (durationMs === 0) {
      if (target !== from) yield { atMs: stageStartMs, users: Math.round(target) }
    } else {
      const direction = Math.sign(target - from)
      const first = direction > 0 ? Math.floor(from) + 1 : Math.ceil(from) - 1
      const changes = direction === 0 ? 0 : Math.max(0, Math.floor((target - first) * direction) + 1)
      for (let change = 0; change < changes; change++) {
        const users = first + direction * change
        yield { atMs: stageStartMs + (durationMs * (users - from)) / (target - from), users }
      }
      if (direction !== 0 && !Number.isInteger(target)) yield { atMs: endsAtMs, users: Math.round(target) }
    }
    stageStartMs = endsAtMs
    from = target
  }
}

/** A step in real time, at which users may also have to wait, or may go on. */
export interface SteeredStep extends UserStep {
  isPaused: boolean
}

/** Yields steps from now on, after the one that led here. */
export function* stepsSince(nowMs: number, steps: Iterable<SteeredStep>): Generator<SteeredStep, void> {
  let reached: SteeredStep | undefined
  for (const step of steps) {
    if (step.atMs > nowMs) {
      if (reached !== undefined) yield reached
      reached = undefined
      yield step
    } else {
      reached = step
    }
  }
  if (reached !== undefined) yield reached
}

/** Yields the steps of a line on a course. The first step of each leg has the number of users that the line has there. */
export function* steeredSteps({ startVUs, stages }: UserLine, { legs }: LoadCourse): Generator<SteeredStep, void> {
  for (const [index, { fromMs, positionMs, factor, isPaused }] of legs.entries()) {
    const endMs = legs[index + 1]?.positionMs ?? Number.POSITIVE_INFINITY
    const scaled = stages.map(stage => ({ ...stage, target: factor * stage.target }))
    let reached: UserStep | undefined
    for (const step of userSteps(factor * startVUs, scaled)) {
      if (step.atMs > positionMs) {
        if (reached !== undefined) yield { atMs: fromMs, users: reached.users, isPaused }
        reached = undefined
        if (isPaused || step.atMs >= endMs) break
        yield { atMs: fromMs + step.atMs - positionMs, users: step.users, isPaused }
      } else {
        reached = step
      }
    }
    if (reached !== undefined) yield { atMs: fromMs, users: reached.users, isPaused }
  }
}
