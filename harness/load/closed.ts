import type { RampStage } from './plan.ts'

/** From `atMs` on there should be this many users. */
export interface UserStep {
  atMs: number
  users: number
}

/**
 * Every change of the number of users along straight lines between stages. As in k6 a user comes, or goes, when the line
 * has reached the next whole number.
 */
export function* userSteps(startVUs: number, stages: readonly RampStage[]): Generator<UserStep, void> {
  yield { atMs: 0, users: startVUs }
  let stageStartMs = 0
  let from = startVUs
  for (const { durationMs, target } of stages) {
    const changes = Math.abs(target - from)
    const direction = Math.sign(target - from)
    if (durationMs === 0 && changes > 0) {
      yield { atMs: stageStartMs, users: target }
    } else {
      for (let change = 1; change <= changes; change++) {
        yield { atMs: stageStartMs + (durationMs * change) / changes, users: from + direction * change }
      }
    }
    stageStartMs += durationMs
    from = target
  }
}
