import { JOINED_PATH } from './floors/joined-path.ts'
import type { Audience, FanoutOrder, FanoutReading } from './meters/subscribers.ts'
import { type Child, type Idle, type Listening, startChild } from './process.ts'
import { atLeast, type Bench, type Mark, type Report } from './report.ts'
import { byName, type Contender, interleave, median, medianRatio, type Rounds } from './rounds.ts'
import { figure, type Table } from './table.ts'
import { startTarget, tokenFor } from './target.ts'

const CASES = [
  { subscribers: 100, burst: 1 },
  { subscribers: 100, burst: 16 },
  { subscribers: 1000, burst: 1 },
  { subscribers: 1000, burst: 16 },
] as const
type Case = (typeof CASES)[number]

export const fanout: Bench = {
  name: 'fanout',
  description: 'SSE deliveries to many subscribers: the target against a loop that writes a ready-made buffer',
  run: measure,
}

interface Delivered extends FanoutReading {
  serverCpuSeconds: number
}

async function measure(rounds: Rounds): Promise<Report> {
  const [client, target, ready, naive] = await Promise.all([
    startChild<Idle>('generator', new URL('meters/subscribers.ts', import.meta.url)),
    startTarget(),
    startChild<Listening>('server', new URL('floors/ready-buffer.ts', import.meta.url)),
    startChild<Listening>('server', new URL('floors/naive-fanout.ts', import.meta.url)),
  ])
  try {
    const token = await tokenFor(target.ready.url, 'notification-dashboard', 'consumer-secret')
    const publisherToken = await tokenFor(target.ready.url, 'producer-service', 'producer-secret')
    const report: Report = { tables: [], marks: [], notes, readings: [] }
    for (const { subscribers, burst } of CASES) {
      const to = (name: string, server: Child<Listening>, path = '/v1/streams/orders') =>
        deliveringFrom(name, server, client, { path, token, publisherToken, subscribers }, burst)
      const contenders = [
        to('target', target),
        to('ready-made buffer', ready),
        ...(burst === 1 ? [] : [to('ready-made burst', ready, JOINED_PATH)]),
        to('JSON.stringify each', naive),
      ]
      const readings = await interleave(contenders, rounds)
      const { table, mark } = judge({ subscribers, burst }, contenders, readings)
      report.tables.push(table)
      report.marks.push(mark)
      ;(report.readings as unknown[]).push({ subscribers, burst, ...byName(contenders, readings) })
    }
    return report
  } finally {
    await Promise.all([client, target, ready, naive].map(child => child.stop()))
  }
}

const notes = [
  'The next burst is published when every subscriber has the last one whole; deliveries/s therefore also hold the way there and back, and the client. The marks hold the server’s CPU time against each other.',
  'The target’s CPU time includes taking the events in: token, validation, deduplication, history. The loops with ready-made buffers take nothing in: one writes each event to each socket, the other, which knows before what comes together, a whole burst to each socket.',
]

function deliveringFrom(
  name: string,
  server: Child<Listening>,
  client: Child<Idle>,
  audience: Omit<Audience, 'url'>,
  burst: number,
): Contender<Delivered> {
  const ask = (order: FanoutOrder) => client.ask<FanoutReading>(order)
  return {
    name,
    async measure(seconds) {
      await ask({ do: 'subscribe', ...audience, url: server.ready.url })
      const cpuBefore = server.cpuSeconds()
      const reading = await ask({ do: 'train', burst, seconds })
      const serverCpuSeconds = server.cpuSeconds() - cpuBefore
      await ask({ do: 'leave' })
      return { ...reading, serverCpuSeconds }
    },
  }
}

function judge(
  { subscribers, burst }: Case,
  contenders: Contender<Delivered>[],
  readings: Delivered[][],
): { table: Table; mark: Mark } {
  const rates = readings.map(ofOne => ofOne.map(({ deliveries, seconds }) => deliveries / seconds))
  const perCpuSecond = readings.map(ofOne =>
    ofOne.map(({ deliveries, serverCpuSeconds }) => deliveries / serverCpuSeconds),
  )
  const [, readyRates = []] = rates
  const [target = [], ready = []] = perCpuSecond
  const what = `${subscribers} subscribers, ${burst === 1 ? 'one event at a time' : `bursts of ${burst}`}`
  return {
    table: {
      title: what,
      columns: ['server', 'deliveries/s', '÷ ready-made', 'server CPU µs/delivery', 'per CPU second ÷ ready-made'],
      rows: contenders.map(({ name }, index) => [
        name,
        figure(median(rates[index] ?? [])),
        figure(medianRatio(rates[index] ?? [], readyRates), 2),
        figure(1e6 / median(perCpuSecond[index] ?? []), 2),
        figure(medianRatio(perCpuSecond[index] ?? [], ready), 2),
      ]),
    },
    mark: atLeast(`deliveries per server CPU second ÷ ready-made buffer, ${what}`, medianRatio(target, ready), 0.7),
  }
}
