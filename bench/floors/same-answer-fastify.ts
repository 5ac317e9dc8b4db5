/** A plain Fastify route that gives the target's answer, from ready text. Bodies are held against the same schema. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import type { Operation } from '../../contract/api/operation.ts'
import { operations } from '../../contract/api/operations.ts'
import { type ServerAddress, sayReady, serveOrders } from '../process.ts'
import { type SameAnswer, workOf } from './same-answer.ts'

serveOrders(async (answer: SameAnswer): Promise<ServerAddress> => {
  const app = fastify({ logger: false }).setValidatorCompiler(TypeBoxValidatorCompiler)
  const work = workOf(answer)
  const { body: takes }: Operation = operations[answer.operation]
  app.route({
    method: answer.method,
    url: answer.path,
    schema: { ...(takes && { body: takes.schema }) },
    handler(request, reply) {
      work()
      void reply.code(answer.status).headers(answer.headers).header('x-request-id', request.id).send(answer.body)
    },
  })
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }) }
})
sayReady('idle')
