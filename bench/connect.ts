import { setTimeout as sleep } from 'node:timers/promises'
import { startServer, startSubscribers, type Subscribers, type BenchTokens, tokensFor } from './audiences.ts'
import type { Child, ServerAddress } from './process.ts'
import { atLeast, type Bench, type BenchReport } from './report.ts'
import { byName, type Contender, interleave, median, ratios, type Rounds } from './rounds.ts'
import { figure, spread, type Table } from './table.ts'
import { sse, type Transport, webSocket } from './transport.ts'

/** Connections made in one go, and then left all together outside of the clock. */
const CONNECTIONS = 1000
/** A server that used no CPU time for so long is done. */
const REST_MS = 50

export const connect: Bench = {
  name: 'connect',
  description: 'connections set up by SSE and WebSocket: the target against bare node:http and bare ws',
  run: measure,
}

interface SetUp {
  perSecond: number
  /** CPU time of the server. */
  cpuUs: number
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const report: BenchReport = { tables: [], marks: [], notes, readings: [] }
  const client = await startSubscribers()
  try {
    for (const transport of [sse, webSocket]) await measureOver(transport, client, rounds, report)
    return report
  } finally {
    await client.stop()
  }
}

const notes = [
  'A set-up ends with the answer’s head, or with the confirmation of what a WebSocket subscribed to. How connections end is not in it.',
  'The target verifies the token (it knows it already), validates the query, opens its row in the ledger and puts the subscriber into its stream or room; the floors only answer.',
]

async function measureOver(
  transport: Transport,
  client: Subscribers,
  rounds: Rounds,
  report: BenchReport,
): Promise<void> {
  const servers = await Promise.all((['target', 'naive'] as const).map(kind => startServer(kind, transport)))
  const [target, floor] = servers as [Child<ServerAddress>, Child<ServerAddress>]
  try {
    const tokens = await tokensFor(transport, target)
    const bare = transport === sse ? 'bare node:http' : 'bare ws'
    const contenders = [
      settingUp('target', target, transport, client, tokens),
      settingUp(bare, floor, transport, client, tokens),
    ]
    const readings = await interleave(contenders, rounds)
    const rates = readings.map(ofOne => ofOne.map(({ perSecond }) => perSecond))
    const costs = readings.map(ofOne => ofOne.map(({ cpuUs }) => cpuUs))
    report.tables.push(tableOf(transport, contenders, rates, costs))
    report.marks.push(
      atLeast(`${transport.name}: set-ups per CPU second ÷ ${bare}`, ratios(costs[1] ?? [], costs[0] ?? []), 0.4),
    )
    ;(report.readings as unknown[]).push({ transport, ...byName(contenders, readings) })
  } finally {
    await Promise.all(servers.map(child => child.stop()))
  }
}

function settingUp(
  name: string,
  server: Child<ServerAddress>,
  transport: Transport,
  client: Subscribers,
  tokens: BenchTokens,
): Contender<SetUp> {
  return {
    name,
    async measure(seconds) {
      const sum = { connections: 0, seconds: 0, cpuSeconds: 0 }
      while (sum.seconds < seconds) {
        const cpuBefore = server.cpuSeconds()
        const reading = await client.subscribe({ server, transport }, tokens, CONNECTIONS)
        sum.cpuSeconds += server.cpuSeconds() - cpuBefore
        sum.seconds += reading.seconds
        sum.connections += CONNECTIONS
        await client.leave()
        await atRest(server)
      }
      return { perSecond: sum.connections / sum.seconds, cpuUs: (sum.cpuSeconds * 1e6) / sum.connections }
    },
  }
}

/** Connections that were left are cleared away after their client is gone: that belongs to no set-up. */
async function atRest(server: Child<ServerAddress>): Promise<void> {
  let before = Number.NEGATIVE_INFINITY
  for (let now = server.cpuSeconds(); now > before; now = server.cpuSeconds()) {
    before = now
    await sleep(REST_MS)
  }
}

function tableOf({ name }: Transport, contenders: Contender<SetUp>[], rates: number[][], costs: number[][]): Table {
  return {
    title: `${name}, ${figure(CONNECTIONS)} connections at a time`,
    columns: ['server', 'set-ups/s', '÷ bare', 'server CPU µs/set-up', 'bare’s ÷ it'],
    rows: contenders.map((contender, index) => [
      contender.name,
      figure(median(rates[index] ?? [])),
      spread(ratios(rates[index] ?? [], rates[1] ?? [])),
      figure(median(costs[index] ?? []), 1),
      spread(ratios(costs[1] ?? [], costs[index] ?? [])),
    ]),
  }
}
