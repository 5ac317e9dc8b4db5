import type { FastifyInstance } from 'fastify'
import { changeFaults } from './change.ts'
import { type FaultsControlParts, withoutBody } from './faults.ts'

/** Faults by phases. */
export function registerTimelineRoutes(app: FastifyInstance, { faults, settings }: FaultsControlParts): void {
  app.get('/timeline', (_request, reply) => reply.send(faults.reportTimeline()))

  app.put('/timeline', ({ body }, reply) => {
    changeFaults(settings, { timeline: body }, '/faults/timeline')
    // An unchanged timeline restarts too, because a client that puts one expects its beginning.
    faults.restartTimeline()
    return reply.send(faults.reportTimeline())
  })

  app.delete('/timeline', withoutBody, (_request, reply) => {
    changeFaults(settings, { timeline: null }, '/faults/timeline')
    return reply.send(faults.reportTimeline())
  })
}
