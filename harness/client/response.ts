import type { FailureReason } from '../../contract/metrics.ts'
import type { HttpResponse } from '../context.ts'

/** Names in lower case. */
export type ResponseHeaders = HttpResponse['headers']

/** An answer, or the lack of one. The body is decoded when it is asked for. */
export class Response implements HttpResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: ResponseHeaders
  readonly failure?: FailureReason
  readonly bodyBytes: number
  readonly durationMs: number
  readonly dueAt: number
  readonly #chunks: readonly Buffer[]
  #text: string | undefined
  #json: unknown

  constructor(answer: {
    status: number
    headers: ResponseHeaders
    chunks: readonly Buffer[]
    bodyBytes: number
    durationMs: number
    dueAt: number
    failure?: FailureReason | undefined
  }) {
    this.ok = answer.failure === undefined
    this.status = answer.status
    this.headers = answer.headers
    if (answer.failure !== undefined) this.failure = answer.failure
    this.bodyBytes = answer.bodyBytes
    this.durationMs = answer.durationMs
    this.dueAt = answer.dueAt
    this.#chunks = answer.chunks
  }

  text(): string {
    this.#text ??= textOf(this.#chunks)
    return this.#text
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the scenario says what it expects
  json<T = unknown>(): T {
    try {
      this.#json ??= JSON.parse(this.text()) as unknown
    } catch (error) {
      throw new UnreadableBody(`the answer of status ${this.status} is no JSON: ${(error as Error).message}`)
    }
    return this.#json as T
  }
}

/** A body that is not what it was taken for: the target's failure, not the scenario's. */
export class UnreadableBody extends SyntaxError {}

/** The body as an object; undefined when it is none, as of an answer that was cut off. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it may hold
export function objectOf<T>(response: HttpResponse): Partial<T> | undefined {
  try {
    const value = response.json<Partial<T> | null>()
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

export function textOf(chunks: readonly Buffer[]): string {
  return chunks.length === 1 ? (chunks[0] as Buffer).toString() : Buffer.concat(chunks).toString()
}
