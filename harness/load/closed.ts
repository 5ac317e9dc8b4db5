import { sizeOf } from '../metrics/interval.ts'
import { type ConstantVus, type IterationBudget, plannedMsOf, type RampingVus, type RampStage } from './plan.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'

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

/** The same number of users from beginning to end. */
export const constantVus: Executor<ConstantVus> = async ({ vus, durationMs, gracefulStopMs }, execution) => {
  const users = new ClosedUsers(execution, durationMs)
  await users.grow(vus, () => true)
  await users.dismiss(gracefulStopMs)
}

/** Users come and go along straight lines; the youngest go first. */
export const rampingVus: Executor<RampingVus> = async (load, execution) => {
  const { clock, stopping } = execution
  const startedAt = clock.now()
  const endsAt = startedAt + plannedMsOf(load)
  const users = new ClosedUsers(execution, plannedMsOf(load))
  const turns = new TurnBudget()
  for (const { atMs, users: count } of userSteps(load.startVUs, load.stages)) {
    const delayMs = startedAt + atMs - clock.now()
    await (delayMs > 0 ? clock.sleep(delayMs, stopping) : turns.take())
    // A step at the very end would only begin users to stop them.
    if (stopping.aborted || (clock.now() > endsAt && atMs < plannedMsOf(load))) break
    users.shrink(count, load.gracefulRampDownMs)
    await users.grow(count, () => true)
  }
  await users.dismiss(load.gracefulStopMs)
}

/** Every user runs the same number of iterations, each at its own speed. */
export const perVuIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  for (let count = 1; count <= load.vus; count++) {
    let left = load.iterations
    await users.grow(count, () => left-- > 0)
  }
  await runToTheEnd(users, load)
}

/** All users of a worker draw on one number of iterations: the faster ones run more of them. */
export const sharedIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  const { share } = execution.users
  // Only workers with users have iterations.
  let left = sizeOf({ ...share, of: Math.min(share.of, load.vus) }, load.iterations)
  await users.grow(load.vus, () => left-- > 0)
  await runToTheEnd(users, load)
}

/** Waits until the users have run out of iterations, or of time. */
async function runToTheEnd(users: ClosedUsers, { gracefulStopMs }: IterationBudget): Promise<void> {
  const finished = new AbortController()
  void users.finished().then(() => finished.abort())
  await users.dismiss(gracefulStopMs, finished.signal)
}
