import { expectAnswers, type Generator, leanestGenerator, startGenerator } from './load.ts'
import type { LoadReading } from './load-order.ts'
import { type Child, type ServerAddress, startChild } from './process.ts'
import { atLeast, type Bench, type BenchReport } from './report.ts'
import { byName, type Contender, interleave, median, medianRatio, ratios, type Rounds } from './rounds.ts'
import { figure } from './table.ts'
import { wrkIsHere } from './wrk.ts'

const CONNECTIONS = 64
/** Share of a core: a generator that uses less was kept waiting. */
const BUSY_SHARE = 0.9

export const harness: Bench = {
  name: 'harness',
  description: 'requests a generator core can make: the harness in a scenario against bare undici, autocannon and wrk',
  run: measure,
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const server = await startChild<ServerAddress>('server', new URL('floors/fixed-answer.ts', import.meta.url))
  const generators = await Promise.all([
    startGenerator('harness, scripted scenario', new URL('subjects/harness-vus.ts', import.meta.url)),
    startGenerator('undici request', new URL('floors/undici-request.ts', import.meta.url)),
    startGenerator('undici dispatch', new URL('floors/undici-dispatch.ts', import.meta.url)),
    startGenerator('autocannon', new URL('floors/autocannon.ts', import.meta.url)),
    ...(wrkIsHere() ? [leanestGenerator()] : []),
  ])
  try {
    const contenders = generators.map(generator => driving(server, generator))
    return report(contenders, await interleave(contenders, rounds))
  } finally {
    await Promise.all([server, ...generators].map(child => child.stop()))
  }
}

function driving(server: Child<ServerAddress>, { name, drive }: Generator): Contender<LoadReading> {
  return {
    name,
    async measure(seconds) {
      const reading = await drive({ url: `${server.ready.url}/items`, connections: CONNECTIONS, seconds })
      expectAnswers(name, reading)
      return reading
    },
  }
}

function report(contenders: Contender<LoadReading>[], readings: LoadReading[][]): BenchReport {
  const rates = readings.map(ofOne => ofOne.map(({ requests, seconds }) => requests / seconds))
  const perCpuSecond = readings.map(ofOne => ofOne.map(({ requests, cpuSeconds }) => requests / cpuSeconds))
  const busy = readings.map(ofOne => median(ofOne.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds)))
  const [harness = [], request = []] = perCpuSecond
  const waiting = contenders.filter((_, index) => (busy[index] ?? 0) < BUSY_SHARE).map(({ name }) => name)
  return {
    tables: [
      {
        title: `GET of a small answer over ${CONNECTIONS} connections`,
        columns: ['generator', 'requests/s', 'share of a core', 'requests per CPU second', '÷ undici request'],
        rows: contenders.map(({ name }, index) => [
          name,
          figure(median(rates[index] ?? [])),
          figure(busy[index], 2),
          figure(median(perCpuSecond[index] ?? [])),
          figure(medianRatio(perCpuSecond[index] ?? [], request), 2),
        ]),
      },
    ],
    marks: [atLeast('harness requests per CPU second ÷ undici request', ratios(harness, request), 0.6)],
    notes: [
      'The harness runs a scenario of one GET and one check an iteration, with both clocks, all metrics and reports kept; the others keep nothing but a count.',
      ...(waiting.length === 0
        ? []
        : [
            `Kept waiting, by the server or by others on the core: ${waiting.join(', ')}. Read the number per CPU second.`,
          ]),
    ],
    readings: byName(contenders, readings),
  }
}
