import type { Problem } from '../../contract/problem.ts'
import { systemClock } from '../../core/clock.ts'
import { encodeHeaders } from '../client/message/request-head.ts'
import { UndiciEngine } from '../client/engine/undici/engine.ts'
import { NoResponse, fetchText } from '../client/http/fetch-text.ts'
import { parseTarget, pathOn } from '../client/address/target.ts'

export interface ControlPlaneOptions {
  targetUrl: string
  /** URL of the control plane, if it has its own port. */
  controlUrl?: string | undefined
  /** Bearer token of the control plane, where one is set. */
  controlToken?: string | undefined
  /** Aborts to leave a response half a second. */
  hurry?: AbortSignal
}

/** The control plane could not be used. The message gives the reason and the next step. */
export class ControlPlaneError extends Error {
  /** True when this machine had no file, port or memory to connect with. */
  readonly exhausted: boolean

  constructor(message: string, { exhausted = false }: { exhausted?: boolean } = {}) {
    super(message)
    this.exhausted = exhausted
  }
}

const CONNECTED_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
/** Limit of a whole response, however slowly it comes. */
const COMPLETE_WITHIN_MS = 20_000
const HURRIED_ANSWER_WITHIN_MS = 500

const engine = new UndiciEngine({ clock: systemClock, connectWithinMs: CONNECTED_WITHIN_MS })

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A request to the control plane. */
export interface ControlRequest {
  method: Method
  /** Path below `/_loadcell`. */
  path: string
  body?: unknown
  /** Bearer token, where one is set; else the credentials of the URL are sent. */
  token?: string | undefined
  /** Aborts to leave a response half a second. */
  hurry?: AbortSignal | undefined
}

/**
 * Returns the response of the control plane at this URL, of any status. Each request has its own connection, because an idle
 * one may be dead.
 * @throws Error when there is no response.
 */
export async function askControl(
  targetUrl: string,
  { method, path, body, token, hurry }: ControlRequest,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<{ status: number; text: string }> {
  const target = parseTarget(targetUrl)
  const authorization = token ? `Bearer ${token}` : target.authorization
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const hasten = () => {
    timer = setTimeout(() => late.abort(new Error('the run was stopped at once')), HURRIED_ANSWER_WITHIN_MS)
  }
  if (hurry?.aborted) hasten()
  else hurry?.addEventListener('abort', hasten)
  const overdue = setTimeout(
    () => late.abort(new Error(`it was not complete within ${COMPLETE_WITHIN_MS} ms`)),
    COMPLETE_WITHIN_MS,
  )
  const request = {
    method,
    path: pathOn(target, `/_loadcell${path}`),
    headers: encodeHeaders({
      accept: 'application/json',
      'content-type': body === undefined ? undefined : 'application/json',
      authorization,
    })!,
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
    silenceMs: answerWithinMs,
  }
  try {
    return await fetchText(listener => engine.sendAlone(target.origin, request, listener), { signal: late.signal })
  } finally {
    clearTimeout(timer)
    clearTimeout(overdue)
    hurry?.removeEventListener('abort', hasten)
  }
}

/** Client of the target's `/_loadcell`, which is neither counted in its ledger nor part of the load. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions

  constructor(options: ControlPlaneOptions) {
    this.#options = options
  }

  /**
   * Returns the response of any status. A GET without a response is sent once more.
   * @param path behind `/_loadcell`.
   * @throws ControlPlaneError when there is no response, or access is denied.
   */
  async ask(method: Method, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { targetUrl, controlUrl, controlToken: token, hurry } = this.#options
    const answer = await send(controlUrl ?? targetUrl, { method, path, body, token, hurry }, method === 'GET' ? 2 : 1)
    // Only for 404: a ledger may be megabytes.
    if (answer.status === 404 && parseAnswer<Problem>(answer.text, ({ code }) => code === 'control_elsewhere')) {
      throw new ControlPlaneError('the target’s control plane has a port of its own; name it with --control-url')
    }
    if (answer.status !== 401 && answer.status !== 403) return answer
    throw new ControlPlaneError(
      'the target’s control plane is closed to us; set LOADCELL_CONTROL_TOKEN to its control.token',
    )
  }
}

async function send(url: string, request: ControlRequest, attempts: number) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askControl(url, request)
    } catch (error) {
      if (attempt < attempts && !request.hurry?.aborted) continue
      const exhausted = error instanceof NoResponse && error.failure.reason === 'exhausted'
      throw new ControlPlaneError(`the target’s control plane did not answer: ${(error as Error).message}`, {
        exhausted,
      })
    }
  }
}

/** Returns the response of the control plane if it is JSON of this kind, else undefined. */
export function parseAnswer<T>(text: string, isExpected: (answer: Partial<T>) => boolean): T | undefined {
  try {
    const answer = JSON.parse(text) as Partial<T> | null
    return typeof answer === 'object' && answer !== null && isExpected(answer) ? (answer as T) : undefined
  } catch {
    return undefined
  }
}
