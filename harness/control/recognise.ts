import type { Problem } from '../../contract/problem.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from './control-plane.ts'

/**
 * Tells whether the target is one of Loadcell's: its control plane answers, or refuses in its own words. A target whose proxy does not
 * pass the control plane on is not recognised.
 */
export async function isLoadcell(control: ControlPlane): Promise<boolean> {
  try {
    return bootIn(await control.ask('GET', '/runs')) !== undefined
  } catch (error) {
    return isRefusal(error)
  }
}

/** Returns the boot id in the answer of a control plane to `/runs`, which changes with every start; undefined for other servers. */
export function bootIn({ status, text }: { status: number; text: string }): string | undefined {
  const answer = parseAnswer<{ boot: string }>(text, ({ boot }) => typeof boot === 'string')
  return status === 200 ? answer?.boot : undefined
}

/** Tells whether an error is the refusal of a control plane that exists. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ControlPlaneError) || error.answer === undefined) return false
  return parseAnswer<Problem>(error.answer.text, ({ code }) => REFUSALS.includes(code as string)) !== undefined
}

const REFUSALS: readonly string[] = ['control_forbidden', 'control_elsewhere', 'foreign_page']
