import { expectAnswers } from './load.ts'
import type { LoadReading, RateOrder } from './load-order.ts'
import type { ArrivalsOrder } from './meters/arrivals.ts'
import { type Child, type Idle, type ServerAddress, startChild } from './process.ts'
import { atMost, type Bench, type SpeedMark, type BenchReport } from './report.ts'
import { byName, type Contender, interleave, median, type Rounds } from './rounds.ts'
import { figure, type Table } from './table.ts'

const RATES = [10, 1000, 5000]
/** Start of each measurement that is left out: connections are made and compilers run. */
const SETTLING_SECONDS = 1

export const lateness: Bench = {
  name: 'lateness',
  description: 'open model: how late each send is, by its arrival at a server that only takes timestamps',
  run: measure,
}

interface LatenessReading {
  p50Ms: number
  p99Ms: number
  maxMs: number
  arrivals: number
  /** Share of one core. */
  cpuShare: number
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const [server, harness, timeouts, autocannon] = await Promise.all([
    startChild<ServerAddress>('server', new URL('meters/arrivals.ts', import.meta.url)),
    startChild<Idle>('generator', new URL('subjects/harness-rate.ts', import.meta.url)),
    startChild<Idle>('generator', new URL('floors/timeout-loop.ts', import.meta.url)),
    startChild<Idle>('generator', new URL('floors/autocannon-rate.ts', import.meta.url)),
  ])
  try {
    const report: BenchReport = { tables: [], marks: [], notes, readings: [] }
    for (const rate of RATES) {
      const contenders = [
        sendingBy('harness', harness, server, rate),
        sendingBy('setTimeout loop', timeouts, server, rate),
        sendingBy('autocannon', autocannon, server, rate),
      ]
      const readings = await interleave(contenders, rounds)
      report.tables.push(tableOf(rate, contenders, readings))
      report.marks.push(...marksOf(rate, readings[0] ?? []))
      ;(report.readings as unknown[]).push({ rate, ...byName(contenders, readings) })
    }
    return report
  } finally {
    await Promise.all([server, harness, timeouts, autocannon].map(child => child.stop()))
  }
}

const notes = [
  'Lateness of a send is its arrival less the schedule origin + ordinal ÷ rate; the origin is the earliest that any arrival allows, so the fastest way through the network counts as none.',
]

function sendingBy(
  name: string,
  generator: Child<Idle>,
  server: Child<ServerAddress>,
  rate: number,
): Contender<LatenessReading> {
  const ask = (order: ArrivalsOrder) => server.ask<number[]>(order)
  return {
    name,
    async measure(seconds) {
      await ask('clear')
      const order: RateOrder = { url: `${server.ready.url}/arrival`, rate, seconds: seconds + SETTLING_SECONDS }
      const reading = await generator.ask<LoadReading>(order)
      expectAnswers(name, reading)
      const arrivals = (await ask('take')).slice(rate * SETTLING_SECONDS)
      const late = latenessOf(arrivals, rate)
      return {
        p50Ms: late[Math.floor(late.length * 0.5)] ?? Number.NaN,
        p99Ms: late[Math.floor(late.length * 0.99)] ?? Number.NaN,
        maxMs: late.at(-1) ?? Number.NaN,
        arrivals: arrivals.length,
        cpuShare: reading.cpuSeconds / reading.seconds,
      }
    },
  }
}

function tableOf(rate: number, contenders: Contender<LatenessReading>[], readings: LatenessReading[][]): Table {
  return {
    title: `${figure(rate)}/s`,
    columns: ['generator', 'late p50 ms', 'p99 ms', 'max ms', 'arrivals', 'share of a core'],
    rows: contenders.map(({ name }, index) => {
      const middle = (of: keyof LatenessReading) => median((readings[index] ?? []).map(reading => reading[of]))
      return [
        name,
        figure(middle('p50Ms'), 3),
        figure(middle('p99Ms'), 3),
        figure(middle('maxMs'), 2),
        figure(middle('arrivals')),
        figure(middle('cpuShare'), 2),
      ]
    }),
  }
}

function marksOf(rate: number, readings: LatenessReading[]): SpeedMark[] {
  const of = (what: keyof LatenessReading) => readings.map(reading => reading[what])
  if (rate === 1000) return [atMost('p50 ms at 1,000/s', of('p50Ms'), 0.1), atMost('p99 ms at 1,000/s', of('p99Ms'), 2)]
  if (rate === 10) return [atMost('share of a core at 10/s', of('cpuShare'), 0.1)]
  return []
}

/**
 * How late each arrival was, ms, in ascending order, when they were meant to come evenly at `rate` a second. When the first
 * was due nobody knows: the origin is the earliest that any arrival allows, so the promptest of them counts as punctual.
 */
export function latenessOf(arrivals: readonly number[], rate: number): number[] {
  const offsets = arrivals.map((at, ordinal) => at - (ordinal * 1000) / rate).sort((a, b) => a - b)
  return offsets.map(offset => offset - (offsets[0] as number))
}
