import { expectAnswers, type Generator, type LoadOrder, type LoadReading } from '../processes/load.ts'
import type { Child } from '../processes/process.ts'
import { atLeast, figure, type SpeedMark, type Table } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, type Contender, interleave, medianRatio, ratios, type Rounds } from '../measurement/rounds.ts'

/** Connections that carry the load in every comparison of servers. */
export const CONNECTIONS = 64

export interface ServingReading extends LoadReading {
  serverCpuSeconds: number
}

/** Returns a server that answers requests of one kind as fast as it can. */
export function serving(
  name: string,
  server: Pick<Child, 'cpuSeconds'>,
  generator: Generator,
  order: Omit<LoadOrder, 'seconds'>,
): Contender<ServingReading> {
  return {
    name,
    async measure(seconds) {
      const cpuBefore = server.cpuSeconds()
      const reading = await generator.drive({ ...order, seconds })
      expectAnswers(name, reading)
      return { ...reading, serverCpuSeconds: server.cpuSeconds() - cpuBefore }
    },
  }
}

/** Measures the target, a plain Fastify route and bare node:http with the same requests. */
export async function compareServers(
  servers: readonly [target: Child, fastify: Child, bare: Child],
  generator: Generator,
  { path, ...request }: { path: string } & Pick<LoadOrder, 'request' | 'token'>,
  { title, claim, limit }: { title: string; claim: string; limit: number },
  rounds: Rounds,
): Promise<{ table: Table; mark: SpeedMark; readings: Record<string, ServingReading[]> }> {
  const contenders = ['target', 'plain Fastify route', 'bare node:http'].map((name, index) => {
    const server = servers[index] as Child
    return serving(name, server, generator, { url: server.url + path, connections: CONNECTIONS, ...request })
  })
  const readings = await interleave(contenders, rounds)
  return {
    table: servingTable(`${title}, over ${CONNECTIONS} connections by ${generator.name}`, contenders, readings),
    mark: atLeast(claim, ratios(ratesOf(readings[0]), ratesOf(readings[1])), limit),
    readings: byName(contenders, readings),
  }
}

/** Returns the requests a second, by round. */
export function ratesOf(readings: ServingReading[] = []): number[] {
  return readings.map(({ requests, seconds }) => requests / seconds)
}

/** Returns the server's CPU time per request, by round. */
export function cpuUsOf(readings: ServingReading[] = []): number[] {
  return readings.map(({ serverCpuSeconds, requests }) => (serverCpuSeconds * 1e6) / requests)
}

/** @param contenders the target, a plain Fastify route and bare node:http, in this order. */
export function servingTable(
  title: string,
  contenders: Contender<ServingReading>[],
  readings: ServingReading[][],
): Table {
  const [, fastify, bare] = readings
  return {
    title,
    columns: ['server', 'requests/s', '÷ Fastify', '÷ node:http', 'server CPU µs/request', 'Fastify’s ÷ it'],
    rows: contenders.map(({ name }, index) => {
      const rates = ratesOf(readings[index])
      const cpuUs = cpuUsOf(readings[index])
      return [
        name,
        figure(median(rates)),
        figure(medianRatio(rates, ratesOf(fastify)), 2),
        figure(medianRatio(rates, ratesOf(bare)), 2),
        figure(median(cpuUs), 1),
        figure(medianRatio(cpuUsOf(fastify), cpuUs), 2),
      ]
    }),
  }
}
