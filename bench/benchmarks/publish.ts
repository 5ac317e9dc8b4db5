import { leanestGenerator } from '../processes/load.ts'
import { startChild } from '../processes/process.ts'
import type { Bench } from '../measurement/report.ts'
import { compareServers } from '../contenders/serving.ts'
import { startTarget, tokenFor } from '../processes/target.ts'

export const publish: Bench = {
  name: 'publish',
  description: 'POST /v1/events/publish: the target against a plain Fastify route and bare node:http',
  async run(rounds) {
    const generator = await leanestGenerator()
    const servers = await Promise.all([
      startTarget(),
      startChild('server', 'floors/plain-fastify.ts'),
      startChild('server', 'floors/bare-http.ts'),
    ])
    try {
      // The floors check no token, but they get the same bytes to read.
      const token = await tokenFor(servers[0].url, 'producer-service', 'producer-secret')
      const what = {
        title: 'events of 500 bytes, each with an id of its own',
        claim: 'publish requests/s ÷ a plain Fastify route with the same schema',
        limit: 0.85,
      }
      const order = { path: '/v1/events/publish', token }
      const { table, mark, readings } = await compareServers(servers, generator, order, what, rounds)
      const notes = ['Only the target verifies a token, remembers ids, stores the event and keeps a ledger.']
      return { tables: [table], marks: [mark], notes, readings }
    } finally {
      await Promise.all([generator, ...servers].map(child => child.stop()))
    }
  },
}
