import { expectAnswers, type Generator, leanestGenerator, type LoadReading, startGenerator } from '../processes/load.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atLeast, type Bench, type BenchReport, figure } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, type Contender, interleave, medianRatio, ratios } from '../measurement/rounds.ts'
import { CONNECTIONS } from '../contenders/serving.ts'
import { wrkIsHere } from '../processes/wrk.ts'

const HARNESS = 'harness, scripted scenario'
const LABELLED = 'harness, with a group, a tag and a metric'

/** Share of a core. A generator that uses less was kept waiting. */
const BUSY_SHARE = 0.9

export const harness: Bench = {
  name: 'harness',
  description: 'requests a generator core can make: the harness in a scenario against bare undici, autocannon and wrk',
  async run(rounds) {
    const server = await startChild('server', 'floors/fixed-answer.ts')
    const generators = await Promise.all([
      startGenerator(HARNESS, 'subjects/harness.ts', 'lean'),
      startGenerator('harness on undici', 'subjects/harness.ts', 'undici'),
      startGenerator(LABELLED, 'subjects/harness.ts', 'lean labelled'),
      startGenerator('lean engine alone', 'floors/lean.ts'),
      startGenerator('undici request', 'floors/undici.ts', 'request'),
      startGenerator('undici dispatch', 'floors/undici.ts', 'dispatch'),
      startGenerator('autocannon', 'floors/autocannon.ts'),
      ...(wrkIsHere() ? [leanestGenerator()] : []),
    ])
    try {
      const contenders = generators.map(generator => driving(server, generator))
      return report(contenders, await interleave(contenders, rounds))
    } finally {
      await Promise.all([server, ...generators].map(child => child.stop()))
    }
  },
}

function driving(server: Child, { name, drive }: Generator): Contender<LoadReading> {
  return {
    name,
    async measure(seconds) {
      const reading = await drive({ url: `${server.url}/items`, connections: CONNECTIONS, seconds })
      expectAnswers(name, reading)
      return reading
    },
  }
}

function report(contenders: Contender<LoadReading>[], readings: LoadReading[][]): BenchReport {
  const rates = readings.map(turns => turns.map(({ requests, seconds }) => requests / seconds))
  const perCpuSecond = readings.map(turns => turns.map(({ requests, cpuSeconds }) => requests / cpuSeconds))
  const busy = readings.map(turns => median(turns.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds)))
  const of = (wanted: string) => perCpuSecond[contenders.findIndex(({ name }) => name === wanted)] ?? []
  const harness = of(HARNESS)
  const request = of('undici request')
  const dispatch = of('undici dispatch')
  const wrk = of('wrk')
  const waiting = contenders.filter((_, index) => (busy[index] ?? 0) < BUSY_SHARE).map(({ name }) => name)
  return {
    tables: [
      {
        title: `GET of a small answer over ${CONNECTIONS} connections`,
        columns: [
          'generator',
          'requests/s',
          'share of a core',
          'requests per CPU second',
          '÷ undici request',
          '÷ undici dispatch',
          '÷ wrk',
        ],
        rows: contenders.map(({ name }, index) => [
          name,
          figure(median(rates[index] ?? [])),
          figure(busy[index], 2),
          figure(median(perCpuSecond[index] ?? [])),
          figure(medianRatio(perCpuSecond[index] ?? [], request), 2),
          figure(medianRatio(perCpuSecond[index] ?? [], dispatch), 2),
          figure(medianRatio(perCpuSecond[index] ?? [], wrk), 2),
        ]),
      },
    ],
    marks: [
      atLeast('harness requests per CPU second ÷ undici dispatch', ratios(harness, dispatch), 1.5),
      ...(wrk.length === 0 ? [] : [atLeast('harness requests per CPU second ÷ wrk', ratios(harness, wrk), 0.6)]),
      atLeast('with a group, a tag and a metric ÷ without', ratios(of(LABELLED), harness), 0.7),
    ],
    notes: [
      'The harness runs a scenario with one GET and one check per iteration, and records both clocks and all metrics. The others only count.',
      ...(waiting.length === 0
        ? []
        : [
            `Kept waiting by the server or by other processes on the core: ${waiting.join(', ')}. Compare these by requests per CPU second.`,
          ]),
    ],
    readings: byName(contenders, readings),
  }
}
