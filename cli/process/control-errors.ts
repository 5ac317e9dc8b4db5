import type { Problem } from '../../contract/problem.ts'
import { dottedPath } from '../../core/check.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from '../../harness/control/control-plane.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'

/**
 * Sends a request to the control plane at a URL.
 * @throws InputError with the target's reason and the next step.
 */
export async function sendTo<T>(
  control: ControlPlane,
  url: string,
  ...request: Parameters<ControlPlane['send']>
): Promise<T> {
  try {
    return await control.send<T>(...request)
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error
    throw error.answer === undefined
      ? unanswered(concealUrl(url), error.cause)
      : refusal(concealUrl(url), error.answer.status, error.answer.text)
  }
}

function unanswered(url: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new InputError(
    `no target answers at ${url}: ${reason}`,
    'Start one with `loadcell target`, or name another with --url.',
    exitCodes.targetUnreachable,
  )
}

function refusal(url: string, status: number, text: string): InputError {
  const problem = parseAnswer<Problem>(
    text,
    ({ code, detail }) => typeof code === 'string' && typeof detail === 'string',
  )
  if (problem?.code === 'control_forbidden') {
    return new InputError(
      `the control plane of ${url} denied access: ${problem.detail}`,
      'Give its control.token with --token or LOADCELL_CONTROL_TOKEN.',
    )
  }
  if (problem?.code === 'control_elsewhere') {
    return new InputError(`the control plane of ${url} has a port of its own`, 'Give its URL with --url.')
  }
  if (problem === undefined) {
    return new InputError(`${url} answered ${status}, but not like a Loadcell target`, 'Is --url right?')
  }
  if (status === 404 && new URL(url).pathname !== '/') {
    return new InputError(problem.detail, 'Is the path of --url right? A target has its control plane at its root.')
  }
  const errors = problem.errors?.map(({ pointer, detail }) => `\n  ${dottedPath(pointer) || '(all of it)'}: ${detail}`)
  return new InputError(
    errors === undefined ? problem.detail : `the target refused this, and changed nothing:${errors.join('')}`,
  )
}
