import type { ChatRequest } from '../../../contract/llm/chat.ts'
import type { ResponsesRequest } from '../../../contract/llm/responses.ts'
import { countTokens } from './tokenizer.ts'

/** A function that an answer may call. */
export interface OfferedFunction {
  name: string
  parameters: unknown
}

/** A request for completions, whichever API it came by. */
export interface CompletionRequest {
  model: string
  promptTokens: number
  /** Most tokens of each choice; undefined if the client sets no limit. */
  mostTokens: number | undefined
  choices: number
  /** Texts that end a choice. */
  stops: readonly string[]
  functions: readonly OfferedFunction[]
  /** Whether a function is called: never, if chance says so, always one of them, or this one. */
  call: 'none' | 'auto' | 'required' | { name: string }
  /** Whether each choice goes on to its limit. */
  ignoresEnd: boolean
  /** Seed of the client; '' without one. */
  seed: string
  stream: boolean
  /** Whether a stream of chat chunks ends with the usage. */
  includesUsage: boolean
}

/** Tokens that a message takes besides its text, those that begin the answer, and those of an image. */
const MESSAGE_TOKENS = 3
const ANSWER_TOKENS = 3
const IMAGE_TOKENS = 85

export function fromChat(body: ChatRequest): CompletionRequest {
  const { tools = [], stop, tool_choice: choice = 'auto' } = body
  let promptTokens = ANSWER_TOKENS + toolTokens(tools)
  for (const { content, name, tool_calls: calls = [] } of body.messages) {
    promptTokens += MESSAGE_TOKENS + contentTokens(content) + countTokens(name ?? '')
    for (const { function: called } of calls) promptTokens += countTokens(called.name) + countTokens(called.arguments)
  }
  return {
    model: body.model,
    promptTokens,
    mostTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    choices: body.n ?? 1,
    stops: typeof stop === 'string' ? [stop] : (stop ?? []),
    functions: tools.map(tool => ({ name: tool.function.name, parameters: tool.function.parameters })),
    call: typeof choice === 'object' ? { name: choice.function.name } : choice,
    ignoresEnd: body.ignore_eos === true,
    seed: body.seed === undefined || body.seed === null ? '' : String(body.seed),
    stream: body.stream === true,
    includesUsage: body.stream_options?.include_usage === true,
  }
}

export function fromResponses(body: ResponsesRequest): CompletionRequest {
  const { input, tools = [], tool_choice: choice = 'auto' } = body
  let promptTokens = ANSWER_TOKENS + toolTokens(tools)
  if (typeof body.instructions === 'string') promptTokens += MESSAGE_TOKENS + countTokens(body.instructions)
  if (typeof input === 'string') promptTokens += MESSAGE_TOKENS + countTokens(input)
  else {
    for (const { content, name = '', arguments: passed = '', output = '' } of input)
      promptTokens +=
        MESSAGE_TOKENS + contentTokens(content) + countTokens(name) + countTokens(passed) + countTokens(output)
  }
  return {
    model: body.model,
    promptTokens,
    mostTokens: body.max_output_tokens ?? undefined,
    choices: 1,
    stops: [],
    functions: tools.map(({ name, parameters }) => ({ name, parameters })),
    call: typeof choice === 'object' ? { name: choice.name } : choice,
    ignoresEnd: body.ignore_eos === true,
    seed: '',
    stream: body.stream === true,
    includesUsage: true,
  }
}

function contentTokens(content: string | readonly { type: string; text?: string }[] | null | undefined): number {
  if (typeof content === 'string') return countTokens(content)
  let tokens = 0
  for (const { type, text = '' } of content ?? []) tokens += type.includes('image') ? IMAGE_TOKENS : countTokens(text)
  return tokens
}

function toolTokens(tools: readonly unknown[]): number {
  return tools.length === 0 ? 0 : countTokens(JSON.stringify(tools))
}
