import { request } from 'undici'

export interface ControlPlaneOptions {
  targetUrl: string
  /** Bearer token of the control plane, where one is set. */
  controlToken?: string | undefined
}

/** The control plane could not be used; the message says why, and the next step. */
export class ControlPlaneError extends Error {}

const ANSWER_WITHIN_MS = 10_000

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** The target's `/_loadcell`: never counted in its ledger, and no part of the load. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions

  constructor(options: ControlPlaneOptions) {
    this.#options = options
  }

  /**
   * The answer to a request there, whatever its status.
   * @param path behind `/_loadcell`.
   * @throws ControlPlaneError when there is none, or it is closed to us.
   */
  async ask(method: Method, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { targetUrl, controlToken } = this.#options
    const headers: Record<string, string> = { accept: 'application/json' }
    if (controlToken) headers['authorization'] = `Bearer ${controlToken}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const answer = await this.#send(new URL(`/_loadcell${path}`, targetUrl), method, headers, body)
    if (answer.status !== 401 && answer.status !== 403) return answer
    throw new ControlPlaneError(
      'the target’s control plane is closed to us; set LOADCELL_CONTROL_TOKEN to its control.token',
    )
  }

  async #send(url: URL, method: Method, headers: Record<string, string>, body: object | undefined) {
    try {
      const answer = await request(url, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: ANSWER_WITHIN_MS,
        bodyTimeout: ANSWER_WITHIN_MS,
      })
      return { status: answer.statusCode, text: await answer.body.text() }
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error)
      throw new ControlPlaneError(`the target’s control plane did not answer: ${reason}`)
    }
  }
}

/** What the control plane said, if it is JSON of this kind. */
export function parseAnswer<T>(text: string, isExpected: (answer: Partial<T>) => boolean): T | undefined {
  try {
    const answer = JSON.parse(text) as Partial<T> | null
    return typeof answer === 'object' && answer !== null && isExpected(answer) ? (answer as T) : undefined
  } catch {
    return undefined
  }
}
