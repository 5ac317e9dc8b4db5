import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Maybe } from '../sockets/frames.ts'

const Text = Type.String({ maxLength: 16_777_216 })
const Name = Type.String({ minLength: 1, maxLength: 256 })

const InputPart = Type.Object({
  type: Type.Enum(['input_text', 'output_text', 'input_image', 'refusal']),
  text: Type.Optional(Text),
})

const InputItem = Type.Object(
  {
    type: Type.Optional(Type.Enum(['message', 'function_call', 'function_call_output'])),
    role: Type.Optional(Type.Enum(['user', 'assistant', 'system', 'developer'])),
    content: Type.Optional(
      Type.Union([Text, Type.Array(InputPart, { maxItems: 1000 })], {
        expected: 'a text, or a list of parts of type input_text, output_text or input_image',
      }),
    ),
    name: Type.Optional(Name),
    call_id: Type.Optional(Name),
    arguments: Type.Optional(Text),
    output: Type.Optional(Text),
  },
  { description: 'A message, a call of a function, or what it returned.' },
)

/** Body of `POST /v1/responses`. */
export const ResponsesRequest = Type.Object(
  {
    model: Name,
    input: Type.Union([Text, Type.Array(InputItem, { minItems: 1, maxItems: 10_000 })], {
      expected: 'a text, or a list of messages and calls',
    }),
    instructions: Maybe(Text),
    stream: Maybe(Type.Boolean()),
    max_output_tokens: Maybe(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    tools: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.Literal('function'),
          name: Name,
          description: Maybe(Text),
          parameters: Maybe(Type.Record(Type.String(), Type.Unknown())),
        }),
        { maxItems: 128 },
      ),
    ),
    tool_choice: Type.Optional(
      Type.Union(
        [Type.Enum(['none', 'auto', 'required']), Type.Object({ type: Type.Literal('function'), name: Name })],
        { expected: 'none, auto, required or {type: "function", name}' },
      ),
    ),
    previous_response_id: Type.Optional(Type.Null({ expected: 'null, because responses are not stored' })),
    background: Maybe(Type.Literal(false)),
    ignore_eos: Maybe(Type.Boolean()),
  },
  {
    description: 'As OpenAI clients send it. Responses are not stored. Fields that are not known here change nothing.',
  },
)
export type ResponsesRequest = Static<typeof ResponsesRequest>

const OutputItem = Type.Object({ type: Type.Enum(['message', 'function_call']), id: Type.String() })

export const ResponsesAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal('response'),
  /** Seconds since the Unix epoch. */
  created_at: Type.Integer(),
  status: Type.Enum(['in_progress', 'completed', 'incomplete', 'failed']),
  model: Type.String(),
  output: Type.Array(OutputItem),
  usage: Type.Union([
    Type.Object({
      input_tokens: Type.Integer(),
      output_tokens: Type.Integer(),
      total_tokens: Type.Integer(),
    }),
    Type.Null(),
  ]),
})
