import { dottedPath } from '../contract/check.ts'
import type { Problem } from '../contract/problem.ts'
import { concealUrl } from '../harness/client/url-credentials.ts'
import { askControl, parseAnswer } from '../harness/control/control-plane.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'

const ANSWER_WITHIN_MS = 10_000

export interface ControlOptions {
  url: string
  /** The value of `control.token`. */
  token: string | undefined
}

/** Talks to the control plane of a running target. */
export class ControlClient {
  readonly #options: ControlOptions

  constructor(options: ControlOptions) {
    this.#options = options
  }

  /** @throws InputError with the target's reason and the next step */
  async send<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.#answerOf(method, path, body)
    if (status < 200 || status >= 300) throw refusal(concealUrl(this.#options.url), status, text)
    try {
      return JSON.parse(text) as T
    } catch {
      throw foreign(concealUrl(this.#options.url), status)
    }
  }

  async #answerOf(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
  ): Promise<{ status: number; text: string }> {
    const { url, token } = this.#options
    try {
      return await askControl(url, { method, path: `/${path}`, body, token }, ANSWER_WITHIN_MS)
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error)
      throw new InputError(
        `no target answers at ${concealUrl(url)}: ${reason}`,
        'Start one with `loadcell target`, or name another with --url.',
        exitCodes.targetUnreachable,
      )
    }
  }
}

function refusal(url: string, status: number, text: string): InputError {
  const problem = parseAnswer<Problem>(
    text,
    ({ code, detail }) => typeof code === 'string' && typeof detail === 'string',
  )
  if (problem?.code === 'control_forbidden') {
    return new InputError(
      `the control plane of ${url} is closed to us: ${problem.detail}`,
      'Give its control.token with --token or LOADCELL_CONTROL_TOKEN.',
    )
  }
  if (problem?.code === 'control_elsewhere') {
    return new InputError(`${url} has its control plane on a port of its own`, 'Name that with --url.')
  }
  if (problem === undefined) {
    return foreign(url, status)
  }
  if (status === 404 && new URL(url).pathname !== '/') {
    return new InputError(problem.detail, 'Is the path of --url right? A target has its control plane at its root.')
  }
  const errors = problem.errors?.map(({ pointer, detail }) => `\n  ${dottedPath(pointer) || '(all of it)'}: ${detail}`)
  return new InputError(
    errors === undefined ? problem.detail : `the target refused this, and changed nothing:${errors.join('')}`,
  )
}

function foreign(url: string, status: number): InputError {
  return new InputError(`${url} answered ${status}, and not as a Loadcell target does`, 'Is --url right?')
}
