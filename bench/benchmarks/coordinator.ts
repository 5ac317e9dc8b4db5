import { median } from '../../core/median.ts'
import { startChild } from '../processes/process.ts'
import { atMost, type Bench, type BenchReport, figure, range, spread } from '../measurement/report.ts'
import { byName, type Contender, interleave, ratios } from '../measurement/rounds.ts'
import type { SimulatedWorkers } from '../subjects/simulated-workers.ts'
import type { CoordinatorReading, CoordinatorWork } from '../subjects/coordinator.ts'

const WORKERS: SimulatedWorkers = { workers: 100, series: 1000, requestsOfAName: 10, places: 0 }
const PLACES = 8
/** Seconds at the start of a turn in which compilers are cold, and all series are new. */
const COLD_SECONDS = 2
const WHOLE = '100 workers × 1,000 series'
const DECODING = 'the same, decoded only'

export const coordinator: Bench = {
  name: 'coordinator',
  description: 'what the coordinator of a run can take: the intervals of 100 workers with 1,000 series a second each',
  async run(rounds) {
    const contenders = [
      taking(WHOLE, 'merge', WORKERS),
      taking(`the same at ${PLACES} places`, 'merge', { ...WORKERS, places: PLACES }),
      taking(DECODING, 'decode', WORKERS),
      taking('the same, parsed as JSON only', 'parse', WORKERS),
      taking('10 workers × 1,000 series', 'merge', { ...WORKERS, workers: 10 }),
      taking('100 workers × 100 series', 'merge', { ...WORKERS, series: 100 }),
    ]
    return report(contenders, await interleave(contenders, { ...rounds, warmupRounds: 0 }))
  },
}

function taking(name: string, work: CoordinatorWork, simulated: SimulatedWorkers): Contender<CoordinatorReading> {
  return {
    name,
    async measure(seconds) {
      // Each turn has a process of its own, because one hardly returns memory that it once had.
      const child = await startChild('server', 'subjects/coordinator.ts')
      try {
        return await child.ask<CoordinatorReading>({ ...simulated, work, seconds: seconds + COLD_SECONDS })
      } finally {
        await child.stop()
      }
    },
  }
}

function report(contenders: Contender<CoordinatorReading>[], readings: CoordinatorReading[][]): BenchReport {
  const cpu = readings.map(turns => turns.map(({ cpuSeconds }) => median(cpuSeconds.slice(COLD_SECONDS))))
  const of = (wanted: string) => cpu[contenders.findIndex(({ name }) => name === wanted)] ?? []
  const delays = readings.map(turns => turns.map(({ delaysMs }) => median(delaysMs.slice(COLD_SECONDS)) / 1000))
  return {
    tables: [
      {
        title: 'all intervals of a second, which all workers close at the same moment',
        columns: ['intervals', 'share of a core', 'seconds of delay', 'MB a second', 'resident MB'],
        rows: contenders.map(({ name }, index) => {
          const turns = readings[index] ?? []
          return [
            name,
            spread(cpu[index] ?? []),
            `${figure(median(delays[index] ?? []), 2)} (${range(delays[index] ?? [], 2)})`,
            figure(median(turns.map(({ bytes }) => bytes / 1e6)), 1),
            figure(median(turns.map(({ rssBytes }) => rssBytes / 1e6))),
          ]
        }),
      },
    ],
    marks: [
      atMost(`${WHOLE}: share of a core`, of(WHOLE), 1),
      atMost(`${WHOLE}: CPU time ÷ that of decoding only`, ratios(of(WHOLE), of(DECODING)), 3),
    ],
    notes: [
      `Each series has the samples of ${WORKERS.requestsOfAName} requests. Decoding is the least that any coordinator does. The time that a link takes is not included.`,
      'The delay is from the close of a second until the last of its intervals is merged and the thresholds are judged.',
    ],
    readings: byName(contenders, readings),
  }
}
