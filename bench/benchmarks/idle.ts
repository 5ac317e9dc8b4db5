import { overEachTransport, possible, startServer, type Subscribers, tokensFor } from '../contenders/audiences.ts'
import { idleByProtocol } from './idle-protocols.ts'
import { type MemoryReading, perConnection, readMemory } from '../processes/memory.ts'
import { atMost, type Bench, figure, type SpeedMark, spread, type Table } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, type Contender, interleave, ratios } from '../measurement/rounds.ts'
import { sse, type Transport } from '../wire/transport.ts'

const SIZES = [100, 1000, 10_000]

/** KB of resident memory that each connection to the target may take. */
const LIMITS: Record<Transport['name'], number> = { SSE: 10, WebSocket: 14 }

export const idle: Bench = {
  name: 'idle',
  description:
    'memory of connections that wait, by protocol: the target against bare node:http, bare ws and the libraries',
  async run(settings) {
    const { rounds, seconds } = settings
    const { sizes, notes: limits } = possible(SIZES)
    const many = await overEachTransport([...notes, ...limits], async (transport, client, report) => {
      const contenders = [
        holding('target', 'target', transport, sizes, client),
        holding(transport === sse ? 'bare node:http' : 'bare ws', 'naive', transport, sizes, client),
      ]
      // Each turn has servers of its own, because a process hardly returns memory that it once had.
      const readings = await interleave(contenders, { warmupRounds: 0, rounds, seconds })
      report.tables.push(
        ...(['rssBytes', 'heapBytes'] as const).map(what => tableOf(transport, what, sizes, contenders, readings)),
      )
      report.marks.push(...marksOf(transport, sizes, readings[0] ?? []))
      report.readings.push({ transport, sizes, ...byName(contenders, readings) })
    })
    const protocols = await idleByProtocol(settings)
    return {
      tables: [...many.tables, ...protocols.tables],
      marks: [...many.marks, ...protocols.marks],
      notes: [...many.notes, ...protocols.notes],
      readings: { many: many.readings, protocols: protocols.readings },
    }
  },
}

/** Readings of a server's memory, one for each number of connections. */
type MemoryReadings = MemoryReading[]

const notes = [
  'Memory is read after a full garbage collection. The memory of a connection is the growth from one size to the next ÷ the number of new connections. The first hundred also pay for what is allocated at first use.',
  'Memory that the kernel holds for a socket is not included.',
]

function holding(
  name: string,
  kind: 'target' | 'naive',
  transport: Transport,
  sizes: number[],
  client: Subscribers,
): Contender<MemoryReadings> {
  return {
    name,
    async measure() {
      const server = await startServer(kind, transport)
      try {
        const tokens = kind === 'target' ? await tokensFor(transport, server) : unread
        const held: MemoryReadings = []
        for (const size of sizes) {
          await client.subscribe({ server, transport }, tokens, size)
          held.push(await readMemory(server))
        }
        await client.leave()
        return held
      } finally {
        await server.stop()
      }
    },
  }
}

/** For the floors: as long as a real token. */
const unread = { token: 'x'.repeat(500), publisherToken: '' }

function tableOf(
  { name }: Transport,
  what: 'rssBytes' | 'heapBytes',
  sizes: number[],
  contenders: Contender<MemoryReadings>[],
  readings: MemoryReadings[][],
): Table {
  const steps = sizes.slice(1).map((_, index) => [index, index + 1] as const)
  return {
    title: `${name}: KB of ${what === 'rssBytes' ? 'resident memory' : 'JavaScript heap'} by connection`,
    columns: ['server', ...steps.map(([from, to]) => `${figure(sizes[from])} → ${figure(sizes[to])}`), 'MB in all'],
    rows: contenders.map((contender, index) => {
      const turns = readings[index] ?? []
      return [
        contender.name,
        ...steps.map(([from, to]) => spread(turns.map(held => perConnection(held, sizes, what, from, to)))),
        figure(median(turns.map(held => (held.at(-1)?.[what] ?? Number.NaN) / 1024 ** 2)), 1),
      ]
    }),
  }
}

function marksOf({ name }: Transport, sizes: number[], target: MemoryReadings[]): SpeedMark[] {
  const last = sizes.length - 1
  const step = (from: number, to: number) => target.map(held => perConnection(held, sizes, 'rssBytes', from, to))
  const claim = `${name}: KB of resident memory by idle connection, ${figure(sizes[0])} → ${figure(sizes[last])}`
  return [
    atMost(claim, step(0, last), LIMITS[name]),
    ...(last < 2
      ? []
      : [atMost(`${name}: the later thousands ÷ the first`, ratios(step(last - 1, last), step(0, 1)), 1.2)]),
  ]
}
