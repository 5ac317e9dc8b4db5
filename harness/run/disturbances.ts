import type { Mark } from '../metrics/observations.ts'
import { formatDuration } from '../../core/duration.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from '../control/control-plane.ts'
import type { DisturbanceAction, DisturbancePlan } from '../plan/read-disturbances.ts'
import type { Ending } from './ending.ts'
import type { Gathered } from './gathered.ts'

/** Returns why the disturbances of the plan are impossible; undefined when they are possible, or there are none. */
export async function validateDisturbances(
  disturbances: readonly DisturbancePlan[],
  control: ControlPlane,
): Promise<string | undefined> {
  const [first] = disturbances
  if (first === undefined) return undefined
  const intent = `The scenario disturbs its target (at ${formatDuration(first.atMs)}: ${first.label})`
  try {
    const { status, text } = await control.ask('GET', '/runs')
    const known = parseAnswer<{ boot: string }>(text, ({ boot }) => typeof boot === 'string')
    if (status === 200 && known !== undefined) return undefined
    return `${intent}, which needs a Loadcell target; this one has no control plane (answered ${status}).`
  } catch (error) {
    if (error instanceof ControlPlaneError) return `${intent}, but ${error.message}.`
    throw error
  }
}

/** Disturbs the target as planned, each time when it is due. A disturbance that fails ends the run. */
export async function disturb(
  disturbances: readonly DisturbancePlan[],
  { gathered, control, ending, over }: { gathered: Gathered; control: ControlPlane; ending: Ending; over: AbortSignal },
): Promise<void> {
  const { clock, startedAt } = gathered
  const { stopping } = ending
  const ended = AbortSignal.any([over, stopping])
  for (const { atMs, label, action } of disturbances) {
    await clock.sleep(startedAt + atMs - clock.now(), ended)
    if (ended.aborted) {
      const example = `was due at ${formatDuration(atMs)}, after the end of the run`
      if (!stopping.aborted) gathered.fail({ reason: 'other', name: label, example })
      continue
    }
    const mark: Mark = { atMs: clock.now() - startedAt, label, detail: 'The target did not answer.' }
    gathered.marks.push(mark)
    try {
      mark.detail = await perform(action, control)
    } catch (error) {
      if (!(error instanceof ControlPlaneError)) throw error
      mark.detail = `It could not be done: ${error.message}.`
      ending.fail(`The target could not be disturbed (${label})`, error)
    }
  }
}

/** @returns its effect in a sentence */
async function perform({ share }: DisturbanceAction, control: ControlPlane): Promise<string> {
  const { status, text } = await control.ask('POST', `/disconnect?share=${share}`)
  const answer = parseAnswer<{ disconnected: number }>(text, ({ disconnected }) => typeof disconnected === 'number')
  if (status === 200 && answer !== undefined) return `The target closed ${answer.disconnected} connections.`
  throw new ControlPlaneError(`it answered ${status}`)
}
