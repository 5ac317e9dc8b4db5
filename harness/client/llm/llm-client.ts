import { parseDuration } from '../../../core/duration.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import type { ChatOptions, GoodputObjective, Llm, LlmAnswer, RespondOptions } from '../../scenario/llm.ts'
import type { Session } from '../../session/session.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { ExchangeObserver } from '../http/exchange-observer.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { HttpExchange } from '../http/http-exchange.ts'
import type { PendingRequest } from '../http/pending-request.ts'
import type { BodyMemory } from '../message/received-body.ts'
import { AnswerBody } from './answer-body.ts'
import { AnswerReader } from './answer-reader.ts'

/** Longest times of an objective, in ms. */
export interface GoodputLimits {
  ttftMs: number
  tpotMs: number
}

/** Returns the limits of an objective; undefined for none. @throws RangeError for a text that is no duration */
export function goodputLimits(objective: GoodputObjective | undefined): GoodputLimits | undefined {
  if (objective === undefined) return undefined
  const { ttft, tpot } = objective
  const msOf = (duration: typeof ttft) => (duration === undefined ? Infinity : parseDuration(duration))
  return { ttftMs: msOf(ttft), tpotMs: msOf(tpot) }
}

/** Asks language models on behalf of one user. */
export class LlmClient implements Llm {
  readonly #session: Session
  readonly #http: HttpClient
  readonly #goodput: GoodputLimits | undefined
  readonly #keepsStreams: boolean

  /**
   * @param goodput objective of the scenario
   * @param keepsStreams whether somebody looks at the bytes of streams
   */
  constructor(session: Session, http: HttpClient, goodput: GoodputLimits | undefined, keepsStreams: boolean) {
    this.#session = session
    this.#http = http
    this.#goodput = goodput
    this.#keepsStreams = keepsStreams
  }

  chat(request: ChatOptions): Promise<LlmAnswer> {
    const { messages, maxTokens, stream = true, tools, toolChoice, model } = request
    return this.#ask(request, '/v1/chat/completions', {
      model,
      messages: typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages,
      max_completion_tokens: maxTokens,
      tools,
      tool_choice: toolChoice,
      ...(stream && { stream, stream_options: { include_usage: true } }),
      ...request.body,
    })
  }

  respond(request: RespondOptions): Promise<LlmAnswer> {
    const { input, instructions, maxTokens, stream = true, tools, toolChoice, model } = request
    return this.#ask(request, '/v1/responses', {
      model,
      input,
      instructions,
      max_output_tokens: maxTokens,
      tools,
      tool_choice: toolChoice,
      ...(stream && { stream }),
      ...request.body,
    })
  }

  async #ask(request: ChatOptions | RespondOptions, path: string, body: object): Promise<LlmAnswer> {
    const { headers, name, tags, timeout, retry, compression, expect } = request
    const options: RequestOptions = {
      json: body,
      headers: { ...(headers === undefined ? {} : fieldsOf(headers)), 'accept-encoding': 'identity' },
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
      ...(timeout !== undefined && { timeout }),
      ...(retry !== undefined && { retry }),
      ...(compression !== undefined && { compression }),
      ...(expect !== undefined && { expect }),
    }
    const goodput = request.goodput === undefined ? this.#goodput : goodputLimits(request.goodput)
    const call = new LlmCall(this.#session, goodput, { text: request.keepText === true, streams: this.#keepsStreams })
    const key = this.#session.exchanges.next()
    const response = await this.#http.requestAs(key, 'POST', request.path ?? path, options, call)
    return call.answer(response)
  }
}

/** One call and its attempts, each with a reader of its own. */
class LlmCall implements ExchangeObserver {
  readonly #session: Session
  readonly #keeps: { text: boolean; streams: boolean }
  readonly #goodput: GoodputLimits | undefined
  #reader: AnswerReader
  #body: AnswerBody | undefined
  /** Times between tokens of the attempt under way. They count once its tags are known. */
  #gaps: number[] = []

  constructor(session: Session, goodput: GoodputLimits | undefined, keeps: { text: boolean; streams: boolean }) {
    this.#session = session
    this.#keeps = keeps
    this.#goodput = goodput
    this.#reader = this.#newReader()
  }

  body(memory: BodyMemory, limitBytes: number | undefined): AnswerBody {
    this.#reader = this.#newReader()
    this.#body = new AnswerBody(
      { memory, limitBytes, keepsStream: this.#keeps.streams },
      this.#session.clock,
      this.#reader,
    )
    return this.#body
  }

  finished({ tags, dueAt, handedAt }: PendingRequest, exchange: HttpExchange, failure?: ExchangeFailure): void {
    const { recorder } = this.#session
    recorder.add('llm_requests', tags, 1, dueAt)
    if (failure?.reason === 'interrupted') return
    const { firstTokenAt } = this.#reader
    for (const gapMs of this.#gaps) recorder.time('llm_inter_token_latency', tags, gapMs, dueAt)
    if (firstTokenAt !== undefined) {
      recorder.time('llm_time_to_first_token', tags, firstTokenAt - dueAt, dueAt)
      const sentAt = exchange.sentAt ?? handedAt
      recorder.time('llm_first_token_service_time', tags, firstTokenAt - sentAt, dueAt)
    }
    const perTokenMs = this.#perTokenMs
    if (perTokenMs !== undefined) recorder.time('llm_time_per_output_token', tags, perTokenMs, dueAt)
    const isComplete = failure === undefined
    if (isComplete) this.#countTokens(tags, dueAt)
    this.#judge(tags, dueAt, isComplete)
  }

  /** Returns the answer of the last attempt. */
  answer(response: HttpResponse): LlmAnswer {
    const reader = this.#reader
    const { prompt, completion } = this.#tokens
    const { firstTokenAt } = reader
    return {
      ok: response.ok,
      status: response.status,
      ...(response.failure !== undefined && { failure: response.failure }),
      text: reader.text,
      toolCalls: reader.calls,
      finishReason: reader.finishReason,
      promptTokens: prompt,
      completionTokens: completion,
      ttftMs: firstTokenAt === undefined ? undefined : firstTokenAt - response.dueAt,
      tpotMs: this.#perTokenMs,
      durationMs: response.durationMs,
      response,
    }
  }

  #newReader(): AnswerReader {
    const gaps: number[] = []
    this.#gaps = gaps
    return new AnswerReader(this.#keeps.text, gapMs => void gaps.push(gapMs))
  }

  get #tokens(): { prompt: number; completion: number } {
    return this.#reader.usage ?? { prompt: 0, completion: this.#reader.parts }
  }

  get #perTokenMs(): number | undefined {
    const { firstTokenAt, lastTokenAt, choices } = this.#reader
    const tokens = this.#tokens.completion / choices
    if (firstTokenAt === undefined || lastTokenAt === undefined || tokens <= 1) return undefined
    return (lastTokenAt - firstTokenAt) / (tokens - 1)
  }

  #countTokens(tags: RequestTags, dueAt: number): void {
    const { prompt, completion } = this.#tokens
    const { recorder } = this.#session
    if (prompt > 0) recorder.add('llm_prompt_tokens', tags, prompt, dueAt)
    if (completion > 0) recorder.add('llm_completion_tokens', tags, completion, dueAt)
  }

  /** Holds a streamed answer, or the lack of one, against the objective. */
  #judge(tags: RequestTags, dueAt: number, isComplete: boolean): void {
    if (this.#goodput === undefined || (isComplete && this.#body?.isStream !== true)) return
    const { ttftMs, tpotMs } = this.#goodput
    const { firstTokenAt = Infinity } = this.#reader
    const isGood = isComplete && firstTokenAt - dueAt <= ttftMs && (this.#perTokenMs ?? 0) <= tpotMs
    this.#session.recorder.hit('llm_goodput', tags, isGood, dueAt)
  }
}

function fieldsOf(
  headers: NonNullable<RequestOptions['headers']>,
): Record<string, string | number | boolean | string[] | undefined> {
  return Symbol.iterator in headers ? Object.fromEntries(headers as Iterable<[string, string]>) : headers
}
