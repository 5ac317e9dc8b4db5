import { possible, startServer, startSubscribers, type Subscribers, type BenchTokens, tokensFor } from './audiences.ts'
import { type Delivered, growthMarks, marksOf, tableOf } from './delivered.ts'
import { JOINED_PATH, sse, type Transport, webSocket } from './transport.ts'
import type { TrainReading } from './meters/subscribers.ts'
import type { Child, ServerAddress } from './process.ts'
import type { Bench, BenchReport } from './report.ts'
import { byName, type Contender, interleave, median, type Rounds } from './rounds.ts'

const SIZES = [100, 1000, 5000, 10_000]
/** One event at a time, and what a backlog is made of. */
const BURSTS = [1, 16]
/** More subscribers than these are only there to see how the cost of one event grows. */
const MOST_FOR_ALL = 5000
/**
 * Shares of a turn, because there are many cases: one for all subscribers, and a small one for the cost of a burst
 * with one.
 */
const SHARE_FOR_ALL = 0.25
const SHARE_FOR_ONE = 0.1

export const fanout: Bench = {
  name: 'fanout',
  description: 'deliveries by SSE and WebSocket: the target, a loop over ready-made bytes, and the naive way',
  run: measure,
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const { sizes, notes: limits } = possible(SIZES)
  const report: BenchReport = { tables: [], marks: [], notes: [...notes, ...limits], readings: [] }
  const client = await startSubscribers()
  try {
    for (const transport of [sse, webSocket]) await measureOver(transport, sizes, client, rounds, report)
    return report
  } finally {
    await client.stop()
  }
}

const notes = [
  'The next burst is published when every subscriber has all of the last one: deliveries/s include the round trip, the client, and the intake of the event.',
  'CPU µs is all the server’s CPU time per delivery, including the intake of the events. Fan-out µs is what each subscriber after the first adds to the CPU time of an event.',
  '“Ready-made burst” knows in advance which events come together and writes them at once: the best that joining writes can do. With one event at a time it does the same as “ready-made”, and their difference is the noise.',
  'First and mean are the times from publishing to the first delivery and, on average, to every delivery. At the end of each turn of the loop, the target writes everything that became due in it: the first delivery of a burst waits until the whole burst is queued, and the mean shows what that gains.',
]

async function measureOver(
  transport: Transport,
  sizes: number[],
  client: Subscribers,
  rounds: Rounds,
  report: BenchReport,
): Promise<void> {
  const started = await Promise.all(
    (['target', 'ready-made', 'naive'] as const).map(kind => startServer(kind, transport)),
  )
  const [target, ready, naive] = started as [Child<ServerAddress>, Child<ServerAddress>, Child<ServerAddress>]
  try {
    const singles = new Map<number, Delivered[]>()
    for (const subscribers of sizes) {
      const tokens = await tokensFor(transport, target)
      const bursts = subscribers > MOST_FOR_ALL ? BURSTS.slice(0, 1) : BURSTS
      const from = (name: string, server: Child<ServerAddress>, path = transport.path) =>
        deliveringFrom(name, server, client, { transport: { ...transport, path }, subscribers, bursts }, tokens)
      const contenders = [
        from('target', target),
        from('ready-made', ready),
        ...(subscribers > MOST_FOR_ALL ? [] : [from('ready-made burst', ready, JOINED_PATH), from('naive', naive)]),
      ]
      const readings = await interleave(contenders, rounds)
      ;(report.readings as unknown[]).push({ transport, subscribers, bursts, ...byName(contenders, readings) })
      for (const [index, burst] of bursts.entries()) {
        const ofBurst = readings.map(turns => turns.map(turn => turn[index] as Delivered))
        const what = { transport: transport.name, subscribers, burst }
        report.tables.push(tableOf(what, contenders, ofBurst))
        report.marks.push(...marksOf(what, ofBurst))
        if (burst === 1) singles.set(subscribers, ofBurst[0] ?? [])
      }
    }
    report.marks.push(...growthMarks(transport.name, singles))
  } finally {
    await Promise.all(started.map(child => child.stop()))
  }
}

/** A reading holds what was delivered in bursts of each size. */
function deliveringFrom(
  name: string,
  server: Child<ServerAddress>,
  client: Subscribers,
  { transport, subscribers, bursts }: { transport: Transport; subscribers: number; bursts: number[] },
  tokens: BenchTokens,
): Contender<Delivered[]> {
  const train = async (burst: number, seconds: number) => {
    const cpuBefore = server.cpuSeconds()
    const reading = await client.train(burst, seconds, tokens)
    return { ...reading, cpuUs: ((server.cpuSeconds() - cpuBefore) * 1e6) / reading.deliveries }
  }
  return {
    name,
    async measure(seconds) {
      await client.subscribe({ server, transport }, tokens, 1)
      const costsForOne: number[] = []
      for (const burst of bursts) costsForOne.push((await train(burst, seconds * SHARE_FOR_ONE)).cpuUs)
      await client.subscribe({ server, transport }, tokens, subscribers)
      const delivered: Delivered[] = []
      for (const [index, burst] of bursts.entries()) {
        const reading = await train(burst, seconds * SHARE_FOR_ALL)
        const forOneCpuUs = costsForOne[index] ?? Number.NaN
        const fanoutCpuUs = (reading.cpuUs * subscribers - forOneCpuUs) / (subscribers - 1)
        delivered.push({ ...deliveredIn(reading), cpuUs: reading.cpuUs, fanoutCpuUs })
      }
      await client.leave()
      return delivered
    },
  }
}

function deliveredIn({ deliveries, seconds, firstMs, meanMs }: TrainReading) {
  const ascending = firstMs.toSorted((a, b) => a - b)
  const firstP99Ms = ascending[Math.floor(ascending.length * 0.99)] ?? Number.NaN
  return { perSecond: deliveries / seconds, firstMs: median(ascending), firstP99Ms, meanMs }
}
