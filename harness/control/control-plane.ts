import { Client, buildConnector } from 'undici'
import type { Problem } from '../../contract/problem.ts'
import { failureOf } from '../client/failure.ts'
import { withoutInterim } from '../client/interim.ts'
import { parseTarget } from '../client/target.ts'
import { answerText } from './answer-text.ts'

export interface ControlPlaneOptions {
  targetUrl: string
  /** Where it is, if it has a port of its own. */
  controlUrl?: string | undefined
  /** Bearer token of the control plane, where one is set. */
  controlToken?: string | undefined
  /** Once it aborts, an answer has half a second left. */
  hurry?: AbortSignal
}

/** The control plane could not be used; the message says why, and the next step. */
export class ControlPlaneError extends Error {
  /** This machine could not even connect. */
  readonly exhausted: boolean

  constructor(message: string, { exhausted = false }: { exhausted?: boolean } = {}) {
    super(message)
    this.exhausted = exhausted
  }
}

const CONNECTED_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
/** For all of an answer, however slowly it comes. */
const COMPLETE_WITHIN_MS = 20_000
const HURRIED_ANSWER_WITHIN_MS = 500

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Where a path of the control plane is, behind whatever path the target is. */
export function controlPath(targetUrl: string, path: string): URL {
  const { origin, basePath } = parseTarget(targetUrl)
  return new URL(`${origin}${basePath}/_loadcell${path}`)
}

/** The target's `/_loadcell`: never counted in its ledger, and no part of the load. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions

  constructor(options: ControlPlaneOptions) {
    this.#options = options
  }

  /**
   * The answer to a request there, whatever its status. Each has a connection of its own, for one that was idle may be dead
   * without a word; a GET that got no answer is sent once more.
   * @param path behind `/_loadcell`.
   * @throws ControlPlaneError when there is none, or it is closed to us.
   */
  async ask(method: Method, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { targetUrl, controlUrl, controlToken, hurry } = this.#options
    const headers: Record<string, string> = { accept: 'application/json' }
    if (controlToken) headers['authorization'] = `Bearer ${controlToken}`
    const content = body === undefined ? null : JSON.stringify(body)
    if (content !== null) headers['content-type'] = 'application/json'
    const url = controlPath(controlUrl ?? targetUrl, path)
    const answer = await send({ url, method, headers, content, hurry }, method === 'GET' ? 2 : 1)
    // Not of every answer: a ledger may be megabytes.
    if (answer.status === 404 && parseAnswer<Problem>(answer.text, ({ code }) => code === 'control_elsewhere')) {
      throw new ControlPlaneError('the target’s control plane has a port of its own; name it with --control-url')
    }
    if (answer.status !== 401 && answer.status !== 403) return answer
    throw new ControlPlaneError(
      'the target’s control plane is closed to us; set LOADCELL_CONTROL_TOKEN to its control.token',
    )
  }
}

interface Question {
  url: URL
  method: Method
  headers: Record<string, string>
  /** JSON text. */
  content: string | null
  hurry: AbortSignal | undefined
}

async function send(question: Question, attempts: number) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await exchange(question)
    } catch (error) {
      if (attempt < attempts && !question.hurry?.aborted) continue
      const { reason, example } = failureOf(error)
      const exhausted = reason === 'exhausted'
      throw new ControlPlaneError(`the target’s control plane did not answer: ${example}`, { exhausted })
    }
  }
}

async function exchange({ url, method, headers, content, hurry }: Question) {
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
  const client = new Client(url.origin, {
    connect: withoutInterim(buildConnector({ allowH2: false, timeout: CONNECTED_WITHIN_MS })),
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
  })
  try {
    const answer = await client.request({
      path: url.pathname + url.search,
      method,
      headers,
      body: content,
      reset: true,
      signal: late.signal,
    })
    return { status: answer.statusCode, text: await answerText(answer) }
  } finally {
    clearTimeout(timer)
    clearTimeout(overdue)
    hurry?.removeEventListener('abort', hasten)
    client.destroy().catch(() => {})
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
