import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../../exchange/problem.ts'
import { sendJson, serve } from '../../http/serve.ts'
import { ChatFormat } from './chat-format.ts'
import { fromChat, fromResponses } from './completion-request.ts'
import { type CompletionApi, LlmGateway, type LlmGatewayDependencies } from './gateway.ts'
import { asLlmError } from './llm-error.ts'
import { ResponsesFormat } from './responses-format.ts'

const chat: CompletionApi = {
  idPrefix: 'chatcmpl-',
  formatOf: (facts, includesUsage) => new ChatFormat(facts, includesUsage),
}
const responses: CompletionApi = { idPrefix: 'resp_', formatOf: facts => new ResponsesFormat(facts) }

/** Every refusal has the shape that language-model clients expect. */
const config = { refusalBody: asLlmError }

/** Registers the operations of language models, and returns the gateway that serves them. */
export function registerLlmRoutes(app: FastifyInstance, dependencies: LlmGatewayDependencies): LlmGateway {
  const gateway = new LlmGateway(dependencies)
  serve(app, 'llm.chat', ({ exchange, body }, reply) => gateway.complete(exchange, fromChat(body), chat, reply), config)
  serve(
    app,
    'llm.responses',
    ({ exchange, body }, reply) => gateway.complete(exchange, fromResponses(body), responses, reply),
    config,
  )
  serve(
    app,
    'llm.models',
    (_request, reply) => sendJson(reply, JSON.stringify({ object: 'list', data: gateway.models.map(modelOf) })),
    config,
  )
  serve(
    app,
    'llm.model',
    ({ params }, reply) => {
      const { model = '' } = params
      if (!gateway.models.includes(model))
        throw new ProblemError('unknown_model', `the model ${JSON.stringify(model)} does not exist`)
      return sendJson(reply, JSON.stringify(modelOf(model)))
    },
    config,
  )
  return gateway
}

function modelOf(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'loadcell' }
}
