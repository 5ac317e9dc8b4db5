import type { FaultRule } from '../../contract/faults/rule.ts'
import { median } from '../../core/median.ts'
import { type Generator, type LoadReading, leanestGenerator } from '../processes/load.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atMost, type Bench, type BenchReport, figure, range } from '../measurement/report.ts'
import { byName, column, type Contender, interleave, ratios } from '../measurement/rounds.ts'
import { configure, startTarget } from '../processes/target.ts'

const DELAY_MS = 100
const CONNECTIONS = 256
const PATH = '/products/17'

/** A reading of a generator that times its answers. */
export type TimedReading = LoadReading & { p50Ms: number; p90Ms: number; p99Ms: number }

export const fixedDelay: Bench = {
  name: 'fixed-delay',
  description: 'a fixed delay of 100 ms over 256 connections: how much later answers come',
  async run(rounds) {
    const generator = await leanestGenerator()
    if (generator.name !== 'wrk') {
      await generator.stop()
      return { tables: [], marks: [], notes: ['Left out: it needs wrk, which times its answers.'], readings: [] }
    }
    const target = await startTarget()
    try {
      const body = await (await fetch(target.url + PATH)).text()
      const bare = await startChild('server', 'floors/delayed-http.ts', { body, delayMs: DELAY_MS })
      try {
        const rule: FaultRule = {
          id: 'fixed',
          match: { operation: 'products.get' },
          fault: { type: 'delay', distribution: `${DELAY_MS}ms` },
        }
        await configure(target.url, { faults: { rules: [rule] } })
        const contenders = [timing('target', target, generator), timing('bare node:http', bare, generator)]
        return reportOf(byName(contenders, await interleave(contenders, rounds)))
      } finally {
        await bare.stop()
      }
    } finally {
      await target.stop()
    }
  },
}

function timing(name: string, { url }: Child, generator: Generator): Contender<TimedReading> {
  return {
    name,
    measure: seconds =>
      generator.drive({ url: url + PATH, connections: CONNECTIONS, seconds }) as Promise<TimedReading>,
  }
}

const notes = [
  'The generator and the server need a core each: on a busy machine the p99 shows when the system let them run.',
  'Every turn begins with 256 new connections at once. Their first requests wait until the server has accepted those before them, and in a turn of two seconds they are five per cent of all: so the p90 leaves them out, and the p99 is one of them.',
  'Bare node:http sends the same body from a timer of Node’s for each request, and does nothing else.',
]

/** @param readings by contender: `target` and `bare node:http`. */
export function reportOf(readings: Record<string, TimedReading[]>): BenchReport {
  const { target, 'bare node:http': bare } = readings
  const p99s = column(target, 'p99Ms')
  const claim = `a fixed delay of ${DELAY_MS} ms over ${CONNECTIONS} connections`
  return {
    tables: [
      {
        title: `A product, delayed by ${DELAY_MS} ms, over ${CONNECTIONS} connections by wrk`,
        columns: ['server', 'p50 ms', 'p90 ms', 'p99 ms', 'rounds', 'requests/s'],
        rows: Object.entries(readings).map(([name, turns]) => [
          name,
          figure(median(column(turns, 'p50Ms')), 1),
          figure(median(column(turns, 'p90Ms')), 1),
          figure(median(column(turns, 'p99Ms')), 1),
          range(column(turns, 'p99Ms'), 1),
          figure(median(turns.map(({ requests, seconds }) => requests / seconds))),
        ]),
      },
    ],
    marks: [
      atMost(`${claim}: p99 ms`, p99s, 115),
      atMost(`${claim}: p90 ms`, column(target, 'p90Ms'), 105),
      atMost(`${claim}: p99 ÷ that of bare node:http`, ratios(p99s, column(bare, 'p99Ms')), 1.1),
    ],
    notes,
    readings,
  }
}
