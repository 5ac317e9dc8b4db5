import { JOINED_PATH } from './floors/joined-path.ts'
import type { Audience, FanoutOrder, FanoutReading } from './meters/subscribers.ts'
import { type Child, type Idle, type Listening, startChild } from './process.ts'
import { atLeast, type Bench, type Mark, type Report } from './report.ts'
import { byName, type Contender, interleave, median, medianRatio, ratios, type Rounds } from './rounds.ts'
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

interface Delivered {
  perSecond: number
  /** CPU time of the server by delivery: all of it, and what one more subscriber adds. */
  cpuUs: number
  fanoutCpuUs: number
}

/** Places among the contenders. */
const [TARGET, READY] = [0, 1]
/** Of a turn, spent before it on what an event costs with a single subscriber. */
const SHARE_FOR_ONE = 0.5

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
  'The next burst is published when every subscriber has the last one whole: deliveries/s hold the way there and back, the client, and taking the event in.',
  'CPU µs/delivery is all the server’s CPU time, on taking the events in too: for the target that is HTTP, token, validation, deduplication and history. The loops take nothing in.',
  'Fan-out µs/delivery is what each subscriber past the first adds to the CPU time of an event. The marks hold it against the loop that writes each event to each socket; the loop that knows before what comes together, and writes a whole burst at once, is the ceiling of joining writes.',
]

function deliveringFrom(
  name: string,
  server: Child<Listening>,
  client: Child<Idle>,
  audience: Omit<Audience, 'url'>,
  burst: number,
): Contender<Delivered> {
  const ask = (order: FanoutOrder) => client.ask<FanoutReading>(order)
  const train = async (subscribers: number, seconds: number) => {
    await ask({ do: 'subscribe', ...audience, subscribers, url: server.ready.url })
    const cpuBefore = server.cpuSeconds()
    const reading = await ask({ do: 'train', burst, seconds })
    const cpuUs = (server.cpuSeconds() - cpuBefore) * 1e6
    await ask({ do: 'leave' })
    return { ...reading, cpuUsPerDelivery: cpuUs / reading.deliveries }
  }
  return {
    name,
    async measure(seconds) {
      const one = await train(1, seconds * SHARE_FOR_ONE)
      const { deliveries, seconds: took, cpuUsPerDelivery } = await train(audience.subscribers, seconds)
      const { subscribers } = audience
      return {
        perSecond: deliveries / took,
        cpuUs: cpuUsPerDelivery,
        fanoutCpuUs: (cpuUsPerDelivery * subscribers - one.cpuUsPerDelivery) / (subscribers - 1),
      }
    },
  }
}

function judge(
  { subscribers, burst }: Case,
  contenders: Contender<Delivered>[],
  readings: Delivered[][],
): { table: Table; mark: Mark } {
  const of = (index: number, what: keyof Delivered) => (readings[index] ?? []).map(reading => reading[what])
  // The dearer, the lower the ratio: one over cost is what a CPU second buys.
  const fanoutRatios = (index: number) => ratios(of(READY, 'fanoutCpuUs'), of(index, 'fanoutCpuUs'))
  const what = `${subscribers} subscribers, ${burst === 1 ? 'one event at a time' : `bursts of ${burst}`}`
  return {
    table: {
      title: what,
      columns: ['server', 'deliveries/s', '÷ ready-made', 'CPU µs/delivery', 'fan-out µs/delivery', 'ready-made ÷ it'],
      rows: contenders.map(({ name }, index) => [
        name,
        figure(median(of(index, 'perSecond'))),
        figure(medianRatio(of(index, 'perSecond'), of(READY, 'perSecond')), 2),
        figure(median(of(index, 'cpuUs')), 2),
        figure(median(of(index, 'fanoutCpuUs')), 2),
        figure(median(fanoutRatios(index)), 2),
      ]),
    },
    mark: atLeast(`fan-out CPU of a ready-made buffer ÷ the target’s, ${what}`, fanoutRatios(TARGET), 0.7),
  }
}
