import { sizeOf } from '../metrics/interval.ts'
import { type IterationBudget, plannedMsOf, type RampingVus } from './plan.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import { type Allowance, ClosedUsers, unlimited } from './closed-users.ts'
import type { Execution, Executor } from './execution.ts'
import { steeredSteps, stepsSince, type UserLine, userLineOf } from './user-steps.ts'

/** Starts and stops users along straight lines; the youngest are stopped first. */
export const rampUsers: Executor<RampingVus> = async (load, execution) => {
  const users = new ClosedUsers(execution)
  await followLine(users, execution, {
    ...load,
    plannedMs: plannedMsOf(load),
    graceMs: load.gracefulRampDownMs,
    allowanceOf: () => unlimited,
  })
  await users.dismiss(load.gracefulStopMs)
}

/** Runs the same number of iterations with every user. */
export const perVuIterations: Executor<IterationBudget> = async (load, execution) => {
  // By place, so that a user that comes back after a scale goes on where the one before it ended.
  const allowances: Allowance[] = []
  await runToTheEnd(load, execution, place => (allowances[place] ??= allowanceFor(load.iterations)))
}

/** Divides a fixed number of iterations among all users of a worker: faster users run more of them. */
export const sharedIterations: Executor<IterationBudget> = async (load, execution) => {
  const { share } = execution.users
  // Only workers with users have iterations.
  const allowance = allowanceFor(sizeOf({ ...share, of: Math.min(share.of, load.vus) }, load.iterations))
  await runToTheEnd(load, execution, () => allowance)
}

function allowanceFor(iterations: number): Allowance {
  let left = iterations
  return {
    get left() {
      return left
    },
    take: () => left-- > 0,
  }
}

/** Lets the users run until they have no iterations left, or no time. */
async function runToTheEnd(
  load: IterationBudget,
  execution: Execution,
  allowanceOf: (place: number) => Allowance,
): Promise<void> {
  const users = new ClosedUsers(execution)
  await followLine(users, execution, {
    ...userLineOf(load),
    plannedMs: load.maxDurationMs,
    graceMs: load.gracefulStopMs,
    allowanceOf,
    isFinite: true,
  })
  await users.dismiss(load.gracefulStopMs)
}

interface FollowedLine extends UserLine {
  plannedMs: number
  /** Time that users have to end when their number shrinks. */
  graceMs: number
  allowanceOf: (place: number) => Allowance
  /** Whether the line ends when all users have run out of iterations. */
  isFinite?: boolean
}

/** Starts and stops users along a line and its course, until the end of the schedule or the run. */
async function followLine(users: ClosedUsers, execution: Execution, line: FollowedLine): Promise<void> {
  const { clock, stopping, steering } = execution
  const { plannedMs, graceMs, allowanceOf, isFinite } = line
  const startedAt = clock.now()
  const turns = new TurnBudget()
  const finished = new AbortController()
  let grown = 0
  while (!stopping.aborted && !finished.signal.aborted) {
    const woken = AbortSignal.any([stopping, steering.changed, finished.signal])
    const course = steering.courseFrom(startedAt)
    const endMs = course.timeAt(plannedMs)
    for (const step of stepsSince(clock.now() - startedAt, steeredSteps(line, course))) {
      const delayMs = startedAt + step.atMs - clock.now()
      await (delayMs > 0 ? clock.sleep(delayMs, woken) : turns.take())
      // A step at the very end would only start users to stop them again.
      if (woken.aborted || step.atMs > endMs || (clock.now() > startedAt + endMs && step.atMs < endMs)) break
      if (step.isPaused) users.gate.close(startedAt + step.atMs)
      else users.gate.open()
      users.shrink(step.users, graceMs)
      await users.grow(step.users, startedAt + endMs, allowanceOf)
      if (!isFinite) continue
      const version = ++grown
      void users.finished().then(() => version === grown && finished.abort())
    }
    if (!woken.aborted) await clock.sleep(startedAt + endMs - clock.now(), woken)
    if (!woken.aborted) return
  }
}
