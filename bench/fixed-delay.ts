import type { FaultRule } from '../contract/faults/rule.ts'
import { median } from '../core/median.ts'
import { type LoadReading, leanestGenerator } from './load.ts'
import { atMost, type Bench, type BenchReport, figure, range } from './report.ts'
import type { Rounds } from './rounds.ts'
import { configure, startTarget } from './target.ts'

const DELAY_MS = 100
const CONNECTIONS = 256
const PATH = '/products/17'

/** A reading of a generator that times its answers. */
export type TimedReading = LoadReading & { p50Ms: number; p99Ms: number }

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
      const rule: FaultRule = {
        id: 'fixed',
        match: { operation: 'products.get' },
        fault: { type: 'delay', distribution: `${DELAY_MS}ms` },
      }
      await configure(target.url, { faults: { rules: [rule] } })
      const drive = (seconds: number) =>
        generator.drive({ url: target.url + PATH, connections: CONNECTIONS, seconds }) as Promise<TimedReading>
      return reportOf(await measured(drive, rounds))
    } finally {
      await target.stop()
    }
  },
}

async function measured(
  drive: (seconds: number) => Promise<TimedReading>,
  { warmupRounds, rounds, seconds }: Rounds,
): Promise<TimedReading[]> {
  const readings: TimedReading[] = []
  for (let round = 1 - warmupRounds; round <= rounds; round++) {
    const reading = await drive(seconds)
    if (round > 0) readings.push(reading)
  }
  return readings
}

export function reportOf(readings: TimedReading[]): BenchReport {
  const p50s = readings.map(({ p50Ms }) => p50Ms)
  const p99s = readings.map(({ p99Ms }) => p99Ms)
  const rates = readings.map(({ requests, seconds }) => requests / seconds)
  return {
    tables: [
      {
        title: `A product, delayed by ${DELAY_MS} ms, over ${CONNECTIONS} connections by wrk`,
        columns: ['', 'p50 ms', 'p99 ms', 'rounds', 'requests/s'],
        rows: [['target', figure(median(p50s), 1), figure(median(p99s), 1), range(p99s, 1), figure(median(rates))]],
      },
    ],
    marks: [atMost(`a fixed delay of ${DELAY_MS} ms over ${CONNECTIONS} connections: p99 ms`, p99s, 115)],
    notes: [
      'The generator and the target need a core each: on a busy machine the p99 shows when the system let them run.',
    ],
    readings,
  }
}
