import type { FailureReason } from '../metrics/catalog.ts'
import type { Duration } from '../../core/duration.ts'
import type { HttpResponse, RequestOptions } from './http.ts'

/** Asks language models for completions, at any server that OpenAI clients can talk to. A request that fails does not throw. */
export interface Llm {
  /** Sends a chat to `/v1/chat/completions`. Resolves when the answer is complete. */
  chat(request: ChatOptions): Promise<LlmAnswer>
  /** Sends a request to `/v1/responses`. Resolves when the response is complete. */
  respond(request: RespondOptions): Promise<LlmAnswer>
}

export interface LlmMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content: string | readonly object[] | null
  [member: string]: unknown
}

/** Options that both APIs share. */
interface LlmOptions
  extends Pick<RequestOptions, 'headers' | 'name' | 'tags' | 'timeout' | 'retry' | 'compression' | 'expect'> {
  /** Path or URL; default: that of the API. `other:/v1/chat/completions` names a host of the scenario. */
  path?: string
  model: string
  /** Most tokens of the answer. */
  maxTokens?: number
  /** Whether the answer is streamed; default true. Without a stream there is no time to the first token. */
  stream?: boolean
  /** Whether the text of a streamed answer is kept; default false, so that long answers take no memory. */
  keepText?: boolean
  tools?: readonly object[]
  toolChoice?: string | object
  /** Further members of the body, as the API has them: `{ temperature: 0 }`. They replace those above. */
  body?: Record<string, unknown>
  /** Objective of this request for `llm_goodput`; default: that of the scenario. */
  goodput?: GoodputObjective
}

export interface ChatOptions extends LlmOptions {
  /** Messages, or the text of a single one. */
  messages: string | readonly LlmMessage[]
}

export interface RespondOptions extends LlmOptions {
  /** A text, or a list of items as the API has them. */
  input: string | readonly object[]
  instructions?: string
}

/** The slowest answer that users accept. */
export interface GoodputObjective {
  /** Longest time to the first token, from when the request was due. */
  ttft?: Duration
  /** Longest time per output token after the first. */
  tpot?: Duration
}

/** Defaults of a scenario that tests language models. */
export interface LlmDefaults {
  goodput?: GoodputObjective
}

export interface LlmAnswer {
  /** True for a complete answer: an error in the middle of a stream makes it false. */
  ok: boolean
  /** 0 without a response. */
  status: number
  failure?: FailureReason
  /** Text of the first choice; empty for a stream unless `keepText` is set. */
  text: string
  /** Calls of functions in the first choice; for a stream only with `keepText`. */
  toolCalls: LlmToolCall[]
  /** Why the first choice ended: `stop`, `length`, `tool_calls` … */
  finishReason: string | undefined
  promptTokens: number
  completionTokens: number
  /** Time to the first token from when the request was due; undefined without a stream. */
  ttftMs: number | undefined
  /** Mean time from one token to the next; undefined below two tokens. */
  tpotMs: number | undefined
  /** From when the request was due to the last byte. */
  durationMs: number
  response: HttpResponse
}

export interface LlmToolCall {
  id: string
  name: string
  /** JSON, as the model wrote it. */
  arguments: string
}
