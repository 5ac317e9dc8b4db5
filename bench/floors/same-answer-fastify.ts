/** A plain Fastify route that sends the target's answer as ready-made text. It validates bodies by the target's schema. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import type { Operation } from '../../contract/api/operation.ts'
import { operations } from '../../contract/api/operations.ts'
import { childArgument, sayReady } from '../processes/process.ts'
import { type SameAnswer, workOf } from './same-answer.ts'

const answer = childArgument() as SameAnswer
const work = workOf(answer)
const { body: takes }: Operation = operations[answer.operation]
const app = fastify({ logger: false }).setValidatorCompiler(TypeBoxValidatorCompiler)
app.route({
  method: answer.method,
  url: answer.path,
  schema: { ...(takes && { body: takes.schema }) },
  handler(request, reply) {
    work()
    void reply.code(answer.status).headers(answer.headers).header('x-request-id', request.id).send(answer.body)
  },
})
sayReady(await app.listen({ port: 0, host: '127.0.0.1' }))
