import type { Problem } from '../../contract/problem.ts'
import { systemClock } from '../../core/clock.ts'
import { encodeHeaders } from '../client/message/request-head.ts'
import type { Engine } from '../client/engine/engine.ts'
import type { Network } from '../client/engine/network.ts'
import { NoResponse, fetchText } from '../client/http/fetch-text.ts'
import { sideEngine } from '../client/engine/engines.ts'
import { parseTarget, pathOn } from '../client/address/target.ts'

export interface ControlPlaneOptions {
  targetUrl: string
  /** URL of the control plane, if it has its own port. */
  controlUrl?: string | undefined
  /** Bearer token of the control plane, where one is set; else the credentials of the URL are sent. */
  controlToken?: string | undefined
  /** How connections to it are made; default: directly, to servers that Node trusts. */
  network?: Network | undefined
  /** Once it aborts, a response has half a second to arrive. */
  hurry?: AbortSignal
  /** Limit of the time until a response begins, and of each pause in it. Default 5 s. */
  answerWithinMs?: number
  /** Number of times that a GET is sent until there is a response. Default 2. */
  attempts?: number
}

/** A response of the control plane. */
export interface ControlAnswer {
  status: number
  text: string
}

/** The control plane could not be used. The message gives the reason and the next step. */
export class ControlPlaneError extends Error {
  /** True when this machine had no file, port or memory left to connect. */
  readonly exhausted: boolean
  /** The response that cannot be used; undefined when there was none, and `cause` is the error. */
  readonly answer: ControlAnswer | undefined

  constructor(message: string, details: { exhausted?: boolean; answer?: ControlAnswer; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.exhausted = details.exhausted ?? false
    this.answer = details.answer
  }
}

const CONNECTED_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
/** Limit of the time until a response is complete. */
const COMPLETE_WITHIN_MS = 20_000
const HURRIED_ANSWER_WITHIN_MS = 500

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Client of the target's `/_loadcell`, which is neither counted in its ledger nor part of the load. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions
  readonly #engine: Engine

  constructor(options: ControlPlaneOptions) {
    const { network } = options
    this.#options = options
    this.#engine = sideEngine({ clock: systemClock, withinMs: CONNECTED_WITHIN_MS, network })
  }

  /**
   * Returns the response, whatever its status.
   * @param path behind `/_loadcell`.
   * @throws ControlPlaneError when there is no response, or access is denied.
   */
  async ask(method: Method, path: string, body?: unknown): Promise<ControlAnswer> {
    const answer = await this.#answerTo(method, path, body)
    // Only for 404: a ledger may be megabytes.
    if (answer.status === 404 && parseAnswer<Problem>(answer.text, ({ code }) => code === 'control_elsewhere')) {
      const message = 'the target’s control plane has a port of its own; name it with --control-url'
      throw new ControlPlaneError(message, { answer })
    }
    if (answer.status !== 401 && answer.status !== 403) return answer
    const message = 'the target’s control plane denied access; set LOADCELL_CONTROL_TOKEN to its control.token'
    throw new ControlPlaneError(message, { answer })
  }

  /**
   * Returns the content of a response: undefined when it has none.
   * @throws ControlPlaneError also for a refusal, and for content that is not JSON.
   */
  async send<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body)
    const { status, text } = answer
    try {
      if (status >= 200 && status < 300) return (text === '' ? undefined : JSON.parse(text)) as T
    } catch {
      // It is not JSON.
    }
    throw new ControlPlaneError(`the target’s control plane answered ${status} to ${method} ${path}: ${text}`, {
      answer,
    })
  }

  async #answerTo(method: Method, path: string, body: unknown): Promise<ControlAnswer> {
    const { hurry, attempts = 2 } = this.#options
    const mostAttempts = method === 'GET' ? attempts : 1
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#exchange(method, path, body)
      } catch (cause) {
        if (attempt < mostAttempts && !hurry?.aborted) continue
        const exhausted = cause instanceof NoResponse && cause.failure.reason === 'exhausted'
        const message = `the target’s control plane did not answer: ${(cause as Error).message}`
        throw new ControlPlaneError(message, { exhausted, cause })
      }
    }
  }

  /** Sends one request, on a connection of its own, because an idle one may be dead. @throws Error when there is no response. */
  async #exchange(method: Method, path: string, body: unknown): Promise<ControlAnswer> {
    const { targetUrl, controlUrl = targetUrl, controlToken, hurry, answerWithinMs = ANSWER_WITHIN_MS } = this.#options
    const target = parseTarget(controlUrl)
    const late = new AbortController()
    const timers: NodeJS.Timeout[] = []
    const limit = (ms: number, why: string) => timers.push(setTimeout(() => late.abort(new Error(why)), ms))
    const hasten = () => limit(HURRIED_ANSWER_WITHIN_MS, 'the run was stopped at once')
    if (hurry?.aborted) hasten()
    else hurry?.addEventListener('abort', hasten)
    limit(COMPLETE_WITHIN_MS, `it was not complete within ${COMPLETE_WITHIN_MS} ms`)
    const request = {
      method,
      path: pathOn(target, `/_loadcell${path}`),
      headers: encodeHeaders({
        accept: 'application/json',
        'content-type': body === undefined ? undefined : 'application/json',
        authorization: controlToken ? `Bearer ${controlToken}` : target.authorization,
      })!,
      body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
      silenceMs: answerWithinMs,
    }
    try {
      return await fetchText(listener => this.#engine.sendAlone(target.origin, request, listener), {
        signal: late.signal,
      })
    } finally {
      for (const timer of timers) clearTimeout(timer)
      hurry?.removeEventListener('abort', hasten)
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
