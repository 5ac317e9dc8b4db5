import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Maybe } from '../sockets/frames.ts'

/** Largest number of choices of one request. */
export const MOST_CHOICES = 16

const Text = Type.String({ maxLength: 16_777_216 })
const Name = Type.String({ minLength: 1, maxLength: 256 })
const Tokens = Type.Integer({ minimum: 1, maximum: 1_000_000 })

const ChatPart = Type.Object({
  type: Type.Enum(['text', 'image_url', 'refusal']),
  text: Type.Optional(Text),
})

const CalledFunction = Type.Object({ name: Name, arguments: Text })

const ChatMessage = Type.Object({
  role: Type.Enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: Type.Optional(
    Type.Union([Text, Type.Array(ChatPart, { maxItems: 1000 }), Type.Null()], {
      expected: 'a text, a list of parts of type text or image_url, or null',
    }),
  ),
  name: Maybe(Name),
  tool_call_id: Maybe(Name),
  tool_calls: Type.Optional(Type.Array(Type.Object({ id: Name, function: CalledFunction }), { maxItems: 128 })),
})

const ChatTool = Type.Object({
  type: Type.Literal('function'),
  function: Type.Object({
    name: Name,
    description: Maybe(Text),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
})

const Stop = Type.String({ minLength: 1, maxLength: 256 })

/** Body of `POST /v1/chat/completions`. */
export const ChatRequest = Type.Object(
  {
    model: Name,
    messages: Type.Array(ChatMessage, { minItems: 1, maxItems: 10_000 }),
    stream: Maybe(Type.Boolean()),
    stream_options: Maybe(Type.Object({ include_usage: Type.Optional(Type.Boolean()) })),
    max_tokens: Maybe(Tokens),
    max_completion_tokens: Maybe(Tokens),
    n: Maybe(Type.Integer({ minimum: 1, maximum: MOST_CHOICES })),
    stop: Type.Optional(
      Type.Union([Stop, Type.Array(Stop, { maxItems: 4 }), Type.Null()], {
        expected: 'a text of 1…256 characters, a list of up to four of them, or null',
      }),
    ),
    seed: Maybe(Type.Integer()),
    tools: Type.Optional(Type.Array(ChatTool, { maxItems: 128 })),
    tool_choice: Type.Optional(
      Type.Union(
        [
          Type.Enum(['none', 'auto', 'required']),
          Type.Object({ type: Type.Literal('function'), function: Type.Object({ name: Name }) }),
        ],
        { expected: 'none, auto, required or {type: "function", function: {name}}' },
      ),
    ),
    response_format: Type.Optional(Type.Object({ type: Type.Literal('text') })),
    logprobs: Maybe(Type.Literal(false)),
    ignore_eos: Maybe(Type.Boolean()),
  },
  {
    description:
      'As OpenAI clients send it. With ignore_eos, an answer has as many tokens as were allowed. Fields that are not known here, such as temperature, change nothing.',
  },
)
export type ChatRequest = Static<typeof ChatRequest>

export const ChatUsage = Type.Object({
  prompt_tokens: Type.Integer(),
  completion_tokens: Type.Integer(),
  total_tokens: Type.Integer(),
})
export type ChatUsage = Static<typeof ChatUsage>

const chatFinishReasons = ['stop', 'length', 'tool_calls'] as const
export type ChatFinishReason = (typeof chatFinishReasons)[number]

export const ChatToolCall = Type.Object({
  id: Type.String(),
  type: Type.Literal('function'),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
})
export type ChatToolCall = Static<typeof ChatToolCall>

/** Answer without a stream. */
export const ChatCompletion = Type.Object({
  id: Type.String(),
  object: Type.Literal('chat.completion'),
  /** Seconds since the Unix epoch. */
  created: Type.Integer(),
  model: Type.String(),
  choices: Type.Array(
    Type.Object({
      index: Type.Integer(),
      message: Type.Object({
        role: Type.Literal('assistant'),
        content: Type.Union([Type.String(), Type.Null()]),
        tool_calls: Type.Optional(Type.Array(ChatToolCall)),
      }),
      finish_reason: Type.Enum([...chatFinishReasons]),
    }),
  ),
  usage: ChatUsage,
})
export type ChatCompletion = Static<typeof ChatCompletion>
