import type { FastifyInstance } from 'fastify'
import type { CapacityStations } from '../capacity/stations.ts'

/** The stations there are: what they are, how they stand, and what theory says of them. */
export function registerCapacityRoute(app: FastifyInstance, { stations }: { stations: CapacityStations }): void {
  app.get('/capacity', (_request, reply) => reply.send(stations.report()))
}
