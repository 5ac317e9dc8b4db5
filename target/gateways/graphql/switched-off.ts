import type { FastifyInstance } from 'fastify'
import { graphqlOperations } from '../../../contract/api/graphql.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { serveUnchecked } from '../../http/serve.ts'

/** Refuses the operations of GraphQL while it is off. They are counted under their own names, as the harness counts them. */
export function refuseGraphql(app: FastifyInstance): void {
  for (const name of Object.keys(graphqlOperations) as (keyof typeof graphqlOperations)[]) {
    serveUnchecked(app, name, () => {
      throw new ProblemError('not_found', 'GraphQL is off (graphql.enabled)')
    })
  }
}
