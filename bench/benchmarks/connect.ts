import { setTimeout as sleep } from 'node:timers/promises'
import {
  overEachTransport,
  startServer,
  type Subscribers,
  type BenchTokens,
  tokensFor,
} from '../contenders/audiences.ts'
import type { Child } from '../processes/process.ts'
import { atLeast, type Bench, figure, spread } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, column, type Contender, interleave, ratios } from '../measurement/rounds.ts'
import { sse, type Transport } from '../wire/transport.ts'

/** Connections that are opened at a time. Closing them, all together, is not measured. */
const CONNECTIONS = 1000
/** A server that used no CPU time for this long is idle. */
const IDLE_MS = 50

export const connect: Bench = {
  name: 'connect',
  description: 'connections set up by SSE and WebSocket: the target against bare node:http and bare ws',
  run(rounds) {
    return overEachTransport(notes, async (transport, client, report) => {
      const servers = await Promise.all([startServer('target', transport), startServer('naive', transport)])
      try {
        const tokens = await tokensFor(transport, servers[0])
        const bare = transport === sse ? 'bare node:http' : 'bare ws'
        const contenders = ['target', bare].map((name, index) =>
          settingUp(name, servers[index] as Child, transport, client, tokens),
        )
        const readings = await interleave(contenders, rounds)
        const rates = readings.map(turns => column(turns, 'perSecond'))
        const costs = readings.map(turns => column(turns, 'cpuUs'))
        const [cost = [], bareCost = []] = costs
        report.tables.push({
          title: `${transport.name}, ${figure(CONNECTIONS)} connections at a time`,
          columns: ['server', 'set-ups/s', '÷ bare', 'server CPU µs/set-up', 'bare’s ÷ it'],
          rows: contenders.map(({ name }, index) => [
            name,
            figure(median(rates[index] ?? [])),
            spread(ratios(rates[index] ?? [], rates[1] ?? [])),
            figure(median(costs[index] ?? []), 1),
            spread(ratios(bareCost, costs[index] ?? [])),
          ]),
        })
        const claim = `${transport.name}: set-ups per CPU second ÷ ${bare}`
        report.marks.push(atLeast(claim, ratios(bareCost, cost), 0.4))
        report.readings.push({ transport, ...byName(contenders, readings) })
      } finally {
        await Promise.all(servers.map(child => child.stop()))
      }
    })
  },
}

interface SetUp {
  perSecond: number
  /** CPU time of the server. */
  cpuUs: number
}

const notes = [
  'A set-up ends with the head of the answer, or with the confirmation of a WebSocket’s subscription. Closing connections is not included.',
  'The target verifies the token (which it knows already), validates the query, opens a row in the ledger and adds the subscriber to its stream or room. The floors only answer.',
]

function settingUp(
  name: string,
  server: Child,
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
        await untilIdle(server)
      }
      return { perSecond: sum.connections / sum.seconds, cpuUs: (sum.cpuSeconds * 1e6) / sum.connections }
    },
  }
}

/** Waits until the server has cleaned up the connections that were closed, which is no part of the next set-up. */
async function untilIdle(server: Child): Promise<void> {
  let before = Number.NEGATIVE_INFINITY
  for (let now = server.cpuSeconds(); now > before; now = server.cpuSeconds()) {
    before = now
    await sleep(IDLE_MS)
  }
}
