import { leanestGenerator } from './load.ts'
import { type Child, type ServerAddress, startChild } from './process.ts'
import { atLeast, type Bench, type BenchReport } from './report.ts'
import { byName, interleave, ratios, type Rounds } from './rounds.ts'
import { ratesOf, serving, servingTable } from './serving.ts'
import { startTarget, tokenFor } from './target.ts'

const CONNECTIONS = 64

export const publish: Bench = {
  name: 'publish',
  description: 'POST /v1/events/publish: the target against a plain Fastify route and bare node:http',
  run: measure,
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const generator = await leanestGenerator()
  const [target, fastify, bare] = await Promise.all([
    startTarget(),
    startChild<ServerAddress>('server', new URL('floors/plain-fastify.ts', import.meta.url)),
    startChild<ServerAddress>('server', new URL('floors/bare-http.ts', import.meta.url)),
  ])
  try {
    // The floors look at no token, but they get the same bytes to read.
    const token = await tokenFor(target.ready.url, 'producer-service', 'producer-secret')
    const publishingTo = (name: string, server: Child<ServerAddress>) =>
      serving(name, server, generator, {
        url: `${server.ready.url}/v1/events/publish`,
        connections: CONNECTIONS,
        token,
      })
    const contenders = [
      publishingTo('target', target),
      publishingTo('plain Fastify route', fastify),
      publishingTo('bare node:http', bare),
    ]
    const readings = await interleave(contenders, rounds)
    const title = `events of 500 bytes, each with an id of its own, over ${CONNECTIONS} connections by ${generator.name}`
    const claim = 'publish requests/s ÷ a plain Fastify route with the same schema'
    return {
      tables: [servingTable(title, contenders, readings)],
      marks: [atLeast(claim, ratios(ratesOf(readings[0]), ratesOf(readings[1])), 0.7)],
      notes: ['Only the target verifies a token, remembers ids, stores the event and keeps a ledger.'],
      readings: byName(contenders, readings),
    }
  } finally {
    await Promise.all([generator, target, fastify, bare].map(child => child.stop()))
  }
}
