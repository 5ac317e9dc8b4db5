import type { FastifyInstance } from 'fastify'
import { graphqlOperations } from '../../contract/api/graphql.ts'
import { grpcOperations } from '../../contract/api/grpc.ts'
import { llmOperations } from '../../contract/api/llm.ts'
import type { KnownOperation } from '../../contract/api/operations.ts'
import { socketioOperations } from '../../contract/api/socketio.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { ProblemError } from '../exchange/problem.ts'
import { serveUnchecked } from '../http/serve.ts'

const gateways = [
  { section: 'graphql', title: 'GraphQL is', operations: Object.keys(graphqlOperations) },
  { section: 'stomp', title: 'STOMP is', operations: ['stomp.connect'] },
  { section: 'grpc', title: 'gRPC is', operations: Object.keys(grpcOperations) },
  { section: 'socketio', title: 'Socket.IO is', operations: Object.keys(socketioOperations) },
  { section: 'llm', title: 'language-model streams are', operations: Object.keys(llmOperations) },
] as const

/** Refuses the operations of protocols that are switched off. They are counted under their own names, as the harness counts them. */
export function refuseSwitchedOff(app: FastifyInstance, configuration: Configuration): void {
  void app.register((scope, _options, done) => {
    // Whatever the media type is.
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    for (const { section, title, operations } of gateways) {
      if (configuration[section].enabled) continue
      for (const name of operations as readonly KnownOperation[]) {
        serveUnchecked(scope, name, () => {
          throw new ProblemError('not_found', `${title} off (${section}.enabled)`)
        })
      }
    }
    done()
  })
}
