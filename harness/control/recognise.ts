import type { Problem } from '../../contract/problem.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from './control-plane.ts'

/**
 * Tells whether the target is one of Loadcell's: its control plane answers, or refuses in its own words. A target whose proxy does not
 * pass the control plane on is not recognised.
 */
export async function isLoadcell(control: ControlPlane): Promise<boolean> {
  try {
    const { status, text } = await control.ask('GET', '/runs')
    return status === 200 && parseAnswer<{ boot: string }>(text, ({ boot }) => typeof boot === 'string') !== undefined
  } catch (error) {
    return isRefusal(error)
  }
}

/** Tells whether an error is the refusal of a control plane that exists. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ControlPlaneError) || error.answer === undefined) return false
  return parseAnswer<Problem>(error.answer.text, ({ code }) => REFUSALS.includes(code as string)) !== undefined
}

const REFUSALS: readonly string[] = ['control_forbidden', 'control_elsewhere', 'foreign_page']
