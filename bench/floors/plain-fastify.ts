/** A plain Fastify route with the target's schema and validator compiler, without tokens or storage. */
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import { EventEnvelope, PublishResponse } from '../../contract/api/events.ts'
import { sayReady } from '../processes/process.ts'
import { positionOf } from '../wire/event.ts'

const app = fastify({ logger: false })
  .withTypeProvider<TypeBoxTypeProvider>()
  .setValidatorCompiler(TypeBoxValidatorCompiler)
app.post(
  '/v1/events/publish',
  { schema: { body: EventEnvelope, response: { 202: PublishResponse } } },
  (request, reply) => {
    void reply.code(202).send(positionOf(request.body.event_id))
  },
)
sayReady(await app.listen({ port: 0, host: '127.0.0.1' }))
