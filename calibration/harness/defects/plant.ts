import type { Clock } from '../../../core/clock.ts'
import { createClient as createHarnessClient } from '../../../harness/client/client.ts'
import type { LoadPlan } from '../../../harness/load/plan.ts'
import type { CounterName } from '../../../harness/metrics/catalog.ts'
import type { Recorder } from '../../../harness/metrics/recorder.ts'
import type { Plan } from '../../../harness/plan/plan.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { run } from '../../../harness/run/run.ts'
import type { Context } from '../../../harness/scenario.ts'
import type { Session } from '../../../harness/session/session.ts'
import type { UserPlan } from '../../../harness/user/user-kind.ts'

/** Runs a plan as the harness does, but with a defect. */
export type DefectiveRun = typeof run

/** Plants a defect in what clients record. State of the change is that of one run. */
export function inRecorder(change: (recorder: Recorder, clock: Clock) => Partial<Recorder>): DefectiveRun {
  return (plan, options) => {
    const { createClient = createHarnessClient, clock } = options
    return run(plan, {
      ...options,
      createClient(clientOptions) {
        const client = createClient(clientOptions)
        let changed: Recorder | undefined
        return {
          ...client,
          contextFor: session =>
            client.contextFor(recordingIn(session, (changed ??= merged(session.recorder, clock, change)))),
        }
      },
    })
  }
}

/** Plants a defect in what is run. */
export function inPlan(change: (plan: Plan) => Plan): DefectiveRun {
  return (plan, options) => run(change(plan), options)
}

/** Plants a defect in the clock of the harness. The calibration keeps its own. */
export function inClock(change: (clock: Clock) => Clock): DefectiveRun {
  return (plan, options) => run(plan, { ...options, clock: change(options.clock) })
}

/** Plants a defect in what becomes of the measurements. */
export function inResult(change: (result: IncompleteResult) => IncompleteResult): DefectiveRun {
  return async (plan, options) => change(await run(plan, options))
}

/** Plants the loss of a counter. */
export function withoutCounter(name: CounterName): DefectiveRun {
  return inRecorder(recorder => ({
    add: (metric, ...sample) => (metric === name ? undefined : recorder.add(metric, ...sample)),
  }))
}

/** Plants a defect in the loads of a plan. */
export function inLoads(change: (load: LoadPlan) => LoadPlan): DefectiveRun {
  return inPlan(plan => ({ ...plan, loads: plan.loads.map(each => ({ ...each, load: change(each.load) })) }))
}

/** Returns a plan whose iterations go through `change`. */
export function iterating(
  plan: Plan,
  change: (context: Context<unknown>, iterate: (context: Context<unknown>) => unknown) => unknown,
): Plan {
  const changed = (user: UserPlan): UserPlan => {
    const { behaviour } = user
    if (behaviour.iterate === undefined) return user
    const iterate = (context: Context<unknown>) => change(context, context => behaviour.iterate?.(context))
    return { ...user, behaviour: { ...behaviour, iterate } }
  }
  return { ...plan, loads: plan.loads.map(({ users, ...rest }) => ({ ...rest, users: users.map(changed) })) }
}

function merged(
  recorder: Recorder,
  clock: Clock,
  change: (recorder: Recorder, clock: Clock) => Partial<Recorder>,
): Recorder {
  return {
    add: (...sample) => recorder.add(...sample),
    hit: (...sample) => recorder.hit(...sample),
    set: (...sample) => recorder.set(...sample),
    time: (...sample) => recorder.time(...sample),
    custom: (...sample) => recorder.custom(...sample),
    request: sample => recorder.request(sample),
    fail: failure => recorder.fail(failure),
    ...change(recorder, clock),
  }
}

/** Returns a session that records elsewhere. All else is read from and written to the session itself. */
function recordingIn(session: Session, recorder: Recorder): Session {
  return new Proxy(session, {
    get: (target, key) => (key === 'recorder' ? recorder : Reflect.get(target, key)),
    set: (target, key, value) => Reflect.set(target, key, value),
  })
}
