import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../../exchange/problem.ts'
import { serveUnchecked } from '../../http/serve.ts'

/** Refuses STOMP while it is off. It is counted under its own name, as the harness counts it. */
export function refuseStomp(app: FastifyInstance): void {
  serveUnchecked(app, 'stomp.connect', () => {
    throw new ProblemError('not_found', 'STOMP is off (stomp.enabled)')
  })
}
