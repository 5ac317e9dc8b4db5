import { Type } from '../../core/schema.ts'
import { ChatCompletion, ChatRequest } from '../llm/chat.ts'
import { LlmError } from '../llm/errors.ts'
import { ResponsesAnswer, ResponsesRequest } from '../llm/responses.ts'
import { operationsOf, type OperationTable } from './operation.ts'

const Model = Type.Object({
  id: Type.String(),
  object: Type.Literal('model'),
  /** Seconds since the Unix epoch. */
  created: Type.Integer(),
  owned_by: Type.String(),
})

/** Media types of an answer that may be streamed. */
const streamed = ['application/json', 'text/event-stream'] as const

const completionProblems = [
  'unknown_model',
  'context_length_exceeded',
  'rate_limited',
  'model_overloaded',
  'completion_failed',
] as const

/** Operations of the language-model gateway, which serves them only while `llm.enabled`. */
export const llmOperations = operationsOf({ tag: 'Language models', access: { kind: 'guest' }, refusals: LlmError }, {
  'llm.chat': {
    request: 'POST /v1/chat/completions',
    summary: 'Completes a chat, in one piece or as a stream of tokens.',
    body: {
      schema: ChatRequest,
      examples: {
        'a question': { model: 'loadcell-1', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 },
      },
    },
    answers: {
      200: { description: 'The completion, or a stream of its chunks.', schema: ChatCompletion, mediaTypes: streamed },
    },
    problems: completionProblems,
  },
  'llm.responses': {
    request: 'POST /v1/responses',
    summary: 'Creates a response, in one piece or as a stream of typed events.',
    body: {
      schema: ResponsesRequest,
      examples: { 'a question': { model: 'loadcell-1', input: 'Hello', max_output_tokens: 4 } },
    },
    answers: {
      200: { description: 'The response, or a stream of its events.', schema: ResponsesAnswer, mediaTypes: streamed },
    },
    problems: completionProblems,
  },
  'llm.models': {
    request: 'GET /v1/models',
    summary: 'The models that are served.',
    answers: {
      200: {
        description: 'All models.',
        schema: Type.Object({ object: Type.Literal('list'), data: Type.Array(Model) }),
      },
    },
  },
  'llm.model': {
    request: 'GET /v1/models/{model}',
    summary: 'One of the models.',
    parameters: Type.Object({ model: Type.String({ examples: ['loadcell-1'] }) }),
    answers: { 200: { description: 'The model.', schema: Model } },
    problems: ['unknown_model'],
  },
} as const satisfies OperationTable)
