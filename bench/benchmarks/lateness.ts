import { expectAnswers, type Generator, startGenerator } from '../processes/load.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atMost, type Bench, emptyReport, figure, type SpeedMark, type Table } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, column, type Contender, interleave } from '../measurement/rounds.ts'

const RATES = [10, 1000, 5000]
/** Number of connections that autocannon may use. */
const MOST_CONNECTIONS = 50
/** Time at the start of each measurement that is left out, while connections are opened and compilers run. */
const SETTLING_SECONDS = 1

export const lateness: Bench = {
  name: 'lateness',
  description: 'open model: how late each send is, by its arrival at a server that only takes timestamps',
  async run(rounds) {
    const server = await startChild('server', 'meters/arrivals.ts')
    const generators = await Promise.all([
      startGenerator('harness', 'subjects/harness.ts', 'lean'),
      startGenerator('setTimeout loop', 'floors/undici.ts', 'request'),
      startGenerator('autocannon', 'floors/autocannon.ts'),
    ])
    try {
      const report = emptyReport(notes)
      for (const rate of RATES) {
        const contenders = generators.map(generator => sendingBy(generator, server, rate))
        const readings = await interleave(contenders, rounds)
        report.tables.push(tableOf(rate, contenders, readings))
        report.marks.push(...marksOf(rate, readings[0] ?? []))
        report.readings.push({ rate, ...byName(contenders, readings) })
      }
      return report
    } finally {
      await Promise.all([server, ...generators].map(child => child.stop()))
    }
  },
}

interface LatenessReading {
  p50Ms: number
  p99Ms: number
  maxMs: number
  arrivals: number
  /** Share of one core. */
  cpuShare: number
}

const notes = [
  'The lateness of a send is its arrival minus its scheduled time, origin + ordinal ÷ rate. The origin is the earliest that any arrival allows, so the shortest time through the network counts as zero.',
]

function sendingBy({ name, drive }: Generator, server: Child, rate: number): Contender<LatenessReading> {
  const takeArrivals = () => server.ask<number[]>('take')
  return {
    name,
    async measure(seconds) {
      await takeArrivals()
      const reading = await drive({
        url: `${server.url}/arrival`,
        connections: Math.min(rate, MOST_CONNECTIONS),
        rate,
        seconds: seconds + SETTLING_SECONDS,
      })
      expectAnswers(name, reading)
      const arrivals = (await takeArrivals()).slice(rate * SETTLING_SECONDS)
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
      const middle = (of: keyof LatenessReading) => median(column(readings[index], of))
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
  const of = (what: keyof LatenessReading) => column(readings, what)
  if (rate === 1000) return [atMost('p50 ms at 1,000/s', of('p50Ms'), 0.1), atMost('p99 ms at 1,000/s', of('p99Ms'), 2)]
  if (rate === 10) return [atMost('share of a core at 10/s', of('cpuShare'), 0.1)]
  return [atMost(`p99 ms at ${figure(rate)}/s`, of('p99Ms'), 1)]
}

/**
 * Returns how late each arrival was in ms, in ascending order, for arrivals that should come evenly at `rate` a second. The origin of
 * the schedule is unknown, so it is the earliest that any arrival allows: the most punctual one counts as on time.
 */
export function latenessOf(arrivals: readonly number[], rate: number): number[] {
  const offsets = arrivals.map((at, ordinal) => at - (ordinal * 1000) / rate).sort((a, b) => a - b)
  return offsets.map(offset => offset - (offsets[0] as number))
}
