import {
  overEachTransport,
  possible,
  startServer,
  type Subscribers,
  type BenchTokens,
  tokensFor,
} from '../contenders/audiences.ts'
import type { Child } from '../processes/process.ts'
import { atLeast, atMost, type Bench, figure, type SpeedMark, spread, type Table } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, column, type Contender, differences, interleave, ratios, type Rounds } from '../measurement/rounds.ts'
import { JOINED_PATH, type Transport } from '../wire/transport.ts'

const SIZES = [100, 1000, 5000, 10_000]
/** One event at a time, and bursts as in a backlog. */
const BURSTS = [1, 16]
/** With more subscribers than this, only the cost of single events is measured, to see how it grows. */
const MOST_FOR_ALL = 5000
/** With so few subscribers the intake is most of the cost, so a reading is the median of several turns, and the intake is measured as long. */
const FEW = 100
const TURNS_FOR_FEW = 4
/** Parts of a turn, which are small because there are many cases: one for all subscribers, and one for a single subscriber. */
const SHARE_FOR_ALL = 0.25
const SHARE_FOR_ONE = 0.1
const SHARE_FOR_ONE_OF_FEW = 0.25

export const fanout: Bench = {
  name: 'fanout',
  description: 'deliveries by SSE and WebSocket: the target, a loop over ready-made bytes, and the naive way',
  run(rounds) {
    const { sizes, notes: limits } = possible(SIZES)
    return overEachTransport([...notes, ...limits], async (transport, client, report) => {
      const kinds = ['target', 'ready-made', 'naive'] as const
      const servers = await Promise.all(kinds.map(kind => startServer(kind, transport)))
      const [target, ready, naive] = servers as [Child, Child, Child]
      try {
        const singles = new Map<number, Delivered[][]>()
        for (const subscribers of sizes) {
          const tokens = await tokensFor(transport, target)
          const bursts = subscribers > MOST_FOR_ALL ? BURSTS.slice(0, 1) : BURSTS
          const from = (name: string, server: Child, path = transport.path) =>
            deliveringFrom(name, server, client, { transport: { ...transport, path }, subscribers, bursts }, tokens)
          const contenders = [
            from('target', target),
            from('ready-made', ready),
            ...(subscribers > MOST_FOR_ALL ? [] : [from('ready-made burst', ready, JOINED_PATH), from('naive', naive)]),
          ]
          const readings = await interleaveTurns(contenders, rounds, subscribers <= FEW ? TURNS_FOR_FEW : 1)
          report.readings.push({ transport, subscribers, bursts, ...byName(contenders, readings) })
          for (const [index, burst] of bursts.entries()) {
            const ofBurst = readings.map(turns => turns.map(turn => turn[index] as Delivered))
            const what = { transport: transport.name, subscribers, burst }
            report.tables.push(tableOf(what, contenders, ofBurst))
            report.marks.push(...marksOf(what, ofBurst))
            if (burst === 1) singles.set(subscribers, ofBurst)
          }
        }
        report.marks.push(...growthMarks(transport.name, singles))
      } finally {
        await Promise.all(servers.map(child => child.stop()))
      }
    })
  },
}

/** The result of bursts to many subscribers. */
export interface Delivered {
  perSecond: number
  /** CPU time of the server per delivery. */
  cpuUs: number
  /** CPU time that each subscriber after the first adds to an event. */
  fanoutCpuUs: number
  /** Time from publishing to the first delivery: median, and 99th percentile. */
  firstMs: number
  firstP99Ms: number
  /** Mean time from publishing to each delivery. */
  meanMs: number
}

interface DeliveryCase {
  transport: Transport['name']
  subscribers: number
  burst: number
}

/** Indexes of contenders. `JOINED` is the loop over ready-made bytes that joins the events of a burst. */
const [TARGET, READY, JOINED, NAIVE] = [0, 1, 2, 3]

const notes = [
  'The next burst is published when every subscriber has all of the last one, so deliveries/s include the round trip, the client, and the intake of the event.',
  'CPU µs is all the server’s CPU time per delivery, including the intake of the events. Fan-out µs is what each subscriber after the first adds to the CPU time of an event.',
  '“Ready-made burst” knows in advance which events come together, and writes them at once. No server can do better by joining writes. With one event at a time it does the same as “ready-made”, so their difference is noise.',
  'First and mean are the times from publishing to the first delivery and, on average, to every delivery. The target writes at the end of each turn of the event loop. So the first delivery of a burst waits until the whole burst is queued, and the mean shows what that gains.',
]

/** Measures several turns for each round, of which a reading has the medians. */
async function interleaveTurns(
  contenders: readonly Contender<Delivered[]>[],
  rounds: Rounds,
  turns: number,
): Promise<Delivered[][][]> {
  const readings = await interleave(contenders, { ...rounds, rounds: rounds.rounds * turns })
  return readings.map(all =>
    Array.from({ length: rounds.rounds }, (_, round) => middleOf(all.slice(round * turns, (round + 1) * turns))),
  )
}

/** Returns the medians of several readings of the same bursts. */
export function middleOf(turns: readonly Delivered[][]): Delivered[] {
  const [first = []] = turns
  return first.map((delivered, burst) => {
    const ofBurst = turns.map(turn => turn[burst] as Delivered)
    const keys = Object.keys(delivered) as (keyof Delivered)[]
    return Object.fromEntries(keys.map(key => [key, median(column(ofBurst, key))])) as unknown as Delivered
  })
}

/** A reading has one entry for each size of a burst. */
function deliveringFrom(
  name: string,
  server: Child,
  client: Subscribers,
  { transport, subscribers, bursts }: { transport: Transport; subscribers: number; bursts: number[] },
  tokens: BenchTokens,
): Contender<Delivered[]> {
  const train = async (burst: number, seconds: number) => {
    const cpuBefore = server.cpuSeconds()
    const reading = await client.train(burst, seconds, tokens)
    return { ...reading, cpuUs: ((server.cpuSeconds() - cpuBefore) * 1e6) / reading.deliveries }
  }
  const shareForOne = subscribers <= FEW ? SHARE_FOR_ONE_OF_FEW : SHARE_FOR_ONE
  return {
    name,
    async measure(seconds) {
      await client.subscribe({ server, transport }, tokens, 1)
      const costsForOne: number[] = []
      for (const burst of bursts) costsForOne.push((await train(burst, seconds * shareForOne)).cpuUs)
      await client.subscribe({ server, transport }, tokens, subscribers)
      const delivered: Delivered[] = []
      for (const [index, burst] of bursts.entries()) {
        const reading = await train(burst, seconds * SHARE_FOR_ALL)
        const { deliveries, cpuUs, meanMs } = reading
        const ascending = reading.firstMs.toSorted((a, b) => a - b)
        delivered.push({
          perSecond: deliveries / reading.seconds,
          cpuUs,
          fanoutCpuUs: (cpuUs * subscribers - (costsForOne[index] ?? Number.NaN)) / (subscribers - 1),
          firstMs: median(ascending),
          firstP99Ms: ascending[Math.floor(ascending.length * 0.99)] ?? Number.NaN,
          meanMs,
        })
      }
      await client.leave()
      return delivered
    },
  }
}

/** @param readings by contender, then by round. */
export function tableOf(
  { transport, subscribers, burst }: DeliveryCase,
  contenders: readonly Pick<Contender<unknown>, 'name'>[],
  readings: Delivered[][],
): Table {
  const of = (index: number, what: keyof Delivered) => column(readings[index], what)
  const middle = (index: number, what: keyof Delivered) => median(of(index, what))
  return {
    title: `${transport}, ${figure(subscribers)} subscribers, ${burst === 1 ? 'one event at a time' : `bursts of ${burst}`}`,
    columns: [
      'server',
      'deliveries/s',
      '÷ naive',
      'per CPU second',
      'CPU µs',
      'naive’s ÷ it',
      'fan-out µs',
      'ready-made’s ÷ it',
      'first ms',
      'p99',
      'mean ms',
    ],
    rows: contenders.map(({ name }, index) => [
      name,
      figure(middle(index, 'perSecond')),
      spread(ratios(of(index, 'perSecond'), of(NAIVE, 'perSecond'))),
      figure(1e6 / middle(index, 'cpuUs')),
      figure(middle(index, 'cpuUs'), 2),
      spread(ratios(of(NAIVE, 'cpuUs'), of(index, 'cpuUs'))),
      figure(middle(index, 'fanoutCpuUs'), 2),
      spread(ratios(of(READY, 'fanoutCpuUs'), of(index, 'fanoutCpuUs'))),
      figure(middle(index, 'firstMs'), 2),
      figure(middle(index, 'firstP99Ms'), 2),
      figure(middle(index, 'meanMs'), 2),
    ]),
  }
}

export function marksOf({ transport, subscribers, burst }: DeliveryCase, readings: Delivered[][]): SpeedMark[] {
  const of = (index: number, what: keyof Delivered) => column(readings[index], what)
  const where = `${transport} to ${figure(subscribers)}, ${burst === 1 ? 'one at a time' : 'backlog'}`
  if (burst === 1) {
    return [
      atLeast(
        `${where}: fan-out CPU of ready-made bytes ÷ the target’s`,
        ratios(of(READY, 'fanoutCpuUs'), of(TARGET, 'fanoutCpuUs')),
        0.9,
      ),
      atMost(
        `${where}: ms that the first delivery comes after that of ready-made bytes`,
        differences(of(TARGET, 'firstMs'), of(READY, 'firstMs')),
        5,
      ),
    ]
  }
  return [
    atLeast(`${where}: CPU of the naive way ÷ the target’s`, ratios(of(NAIVE, 'cpuUs'), of(TARGET, 'cpuUs')), 5),
    atLeast(
      `${where}: fan-out CPU of ready-made bytes in one write ÷ the target’s`,
      ratios(of(JOINED, 'fanoutCpuUs'), of(TARGET, 'fanoutCpuUs')),
      0.9,
    ),
    atLeast(
      `${where}: million deliveries per CPU second`,
      of(TARGET, 'cpuUs').map(cpuUs => 1 / cpuUs),
      1,
    ),
    atMost(
      `${where}: ms that deliveries come after those of ready-made bytes, on average`,
      differences(of(TARGET, 'meanMs'), of(READY, 'meanMs')),
      5,
    ),
  ]
}

/**
 * Returns the marks on growth: a delivery costs the same whatever the number of subscribers, or at least grows no more than a bare write.
 * @param singles the readings with one event at a time, by number of subscribers, then by contender.
 */
export function growthMarks(
  transport: DeliveryCase['transport'],
  singles: ReadonlyMap<number, Delivered[][]>,
): SpeedMark[] {
  const sizes = [...singles.keys()]
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)]
  if (!(few < many)) return []
  const costs = (contender: number, size: number) => column(singles.get(size)?.[contender], 'fanoutCpuUs')
  const growthOf = (contender: number) => ratios(costs(contender, many), costs(contender, few))
  const claim = `${transport}, one at a time: the target’s fan-out CPU at ${figure(many)} ÷ at ${figure(few)}`
  return [
    atMost(claim, growthOf(TARGET), 1.5),
    atMost(`${claim}, ÷ the same of ready-made bytes`, ratios(growthOf(TARGET), growthOf(READY)), 1.1),
  ]
}
