import { type Generator, expectAnswers, leanestGenerator } from './load.ts'
import type { LoadReading } from './load-order.ts'
import { type Child, type Listening, startChild } from './process.ts'
import { atLeast, type Bench, type Report } from './report.ts'
import { byName, type Contender, interleave, median, medianRatio, ratios, type Rounds } from './rounds.ts'
import { figure } from './table.ts'
import { startTarget, tokenFor } from './target.ts'

const CONNECTIONS = 64

export const publish: Bench = {
  name: 'publish',
  description: 'POST /v1/events/publish: the target against a plain Fastify route and bare node:http',
  run: measure,
}

interface PublishReading extends LoadReading {
  serverCpuSeconds: number
}

async function measure(rounds: Rounds): Promise<Report> {
  const generator = await leanestGenerator()
  const [target, fastify, bare] = await Promise.all([
    startTarget(),
    startChild<Listening>('server', new URL('floors/plain-fastify.ts', import.meta.url)),
    startChild<Listening>('server', new URL('floors/bare-http.ts', import.meta.url)),
  ])
  try {
    // The floors look at no token, but they get the same bytes to read.
    const token = await tokenFor(target.ready.url, 'producer-service', 'producer-secret')
    const contenders = [
      publishingTo('target', target, generator, token),
      publishingTo('plain Fastify route', fastify, generator, token),
      publishingTo('bare node:http', bare, generator, token),
    ]
    return report(contenders, await interleave(contenders, rounds), generator.name)
  } finally {
    await Promise.all([generator, target, fastify, bare].map(child => child.stop()))
  }
}

function publishingTo(
  name: string,
  server: Child<Listening>,
  generator: Generator,
  token: string,
): Contender<PublishReading> {
  return {
    name,
    async measure(seconds) {
      const cpuBefore = server.cpuSeconds()
      const url = `${server.ready.url}/v1/events/publish`
      const reading = await generator.drive({ url, connections: CONNECTIONS, seconds, token })
      expectAnswers(name, reading)
      return { ...reading, serverCpuSeconds: server.cpuSeconds() - cpuBefore }
    },
  }
}

function report(contenders: Contender<PublishReading>[], readings: PublishReading[][], generator: string): Report {
  const rates = readings.map(ofOne => ofOne.map(({ requests, seconds }) => requests / seconds))
  const cpuUs = readings.map(ofOne =>
    ofOne.map(({ serverCpuSeconds, requests }) => (serverCpuSeconds * 1e6) / requests),
  )
  const [target = [], fastify = [], bare = []] = rates
  const [, fastifyCpuUs = []] = cpuUs
  return {
    tables: [
      {
        title: `events of 500 bytes, each with an id of its own, over ${CONNECTIONS} connections by ${generator}`,
        columns: ['server', 'requests/s', '÷ Fastify', '÷ node:http', 'server CPU µs/request', 'Fastify’s ÷ it'],
        rows: contenders.map(({ name }, index) => [
          name,
          figure(median(rates[index] ?? [])),
          figure(medianRatio(rates[index] ?? [], fastify), 2),
          figure(medianRatio(rates[index] ?? [], bare), 2),
          figure(median(cpuUs[index] ?? []), 1),
          figure(medianRatio(fastifyCpuUs, cpuUs[index] ?? []), 2),
        ]),
      },
    ],
    marks: [atLeast('publish requests/s ÷ a plain Fastify route with the same schema', ratios(target, fastify), 0.7)],
    notes: ['Only the target verifies a token, remembers ids, stores the event and keeps a ledger.'],
    readings: byName(contenders, readings),
  }
}
