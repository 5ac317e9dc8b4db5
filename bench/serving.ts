import { expectAnswers, type Generator } from './load.ts'
import type { LoadOrder, LoadReading } from './load-order.ts'
import type { Child } from './process.ts'
import { type Contender, median, medianRatio } from './rounds.ts'
import { figure, type Table } from './table.ts'

export interface ServingReading extends LoadReading {
  serverCpuSeconds: number
}

/** A server that answers one kind of request as fast as it can. */
export function serving(
  name: string,
  server: Pick<Child<unknown>, 'cpuSeconds'>,
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

/** Requests a second, by round. */
export function ratesOf(readings: ServingReading[] = []): number[] {
  return readings.map(({ requests, seconds }) => requests / seconds)
}

/** CPU time of the server a request, by round. */
export function cpuUsOf(readings: ServingReading[] = []): number[] {
  return readings.map(({ serverCpuSeconds, requests }) => (serverCpuSeconds * 1e6) / requests)
}

/** The contenders are the target, a plain Fastify route and bare node:http, in this order. */
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
