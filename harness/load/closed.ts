import { sizeOf } from '../metrics/interval.ts'
import { type IterationBudget, plannedMsOf, type RampingVus, type RampStage } from './plan.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'

/** The number of users from a moment on. */
export interface UserStep {
  atMs: number
  users: number
}

/**
 * Yields every change of the number of users along straight lines between stages. As in k6, a user is started, or stopped,
 * when the line has reached the next whole number.
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

/** Starts and stops users along straight lines; the youngest are stopped first. */
export const rampUsers: Executor<RampingVus> = async (load, execution) => {
  const { clock, stopping } = execution
  const startedAt = clock.now()
  const endsAt = startedAt + plannedMsOf(load)
  const users = new ClosedUsers(execution, plannedMsOf(load))
  const turns = new TurnBudget()
  for (const { atMs, users: count } of userSteps(load.startVUs, load.stages)) {
    const delayMs = startedAt + atMs - clock.now()
    await (delayMs > 0 ? clock.sleep(delayMs, stopping) : turns.take())
    // A step at the very end would only start users to stop them again.
    if (stopping.aborted || (clock.now() > endsAt && atMs < plannedMsOf(load))) break
    users.shrink(count, load.gracefulRampDownMs)
    await users.grow(count, () => true)
  }
  await users.dismiss(load.gracefulStopMs)
}

/** Runs the same number of iterations with every user. */
export const perVuIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  for (let count = 1; count <= load.vus; count++) {
    let left = load.iterations
    await users.grow(count, () => left-- > 0)
  }
  await runToTheEnd(users, load)
}

/** Divides a fixed number of iterations among all users of a worker: faster users run more of them. */
export const sharedIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  const { share } = execution.users
  // Only workers with users have iterations.
  let left = sizeOf({ ...share, of: Math.min(share.of, load.vus) }, load.iterations)
  await users.grow(load.vus, () => left-- > 0)
  await runToTheEnd(users, load)
}

/** Waits until the users have no iterations left, or no time. */
async function runToTheEnd(users: ClosedUsers, { gracefulStopMs }: IterationBudget): Promise<void> {
  const finished = new AbortController()
  void users.finished().then(() => finished.abort())
  await users.dismiss(gracefulStopMs, finished.signal)
}
