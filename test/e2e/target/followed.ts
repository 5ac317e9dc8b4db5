import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { InjectedDeliveries } from '../../../contract/ledger.ts'
import type { CloseReason } from '../../../contract/streams.ts'
import { opcodes, RawSocket } from '../../support/raw-socket.ts'
import { StreamClient, until } from '../../support/stream-client.ts'
import { clientsFlag, testTarget, type TestTarget, tokenOf } from './support.ts'

/** A sequence of events, numbered from 1, as one client sees it, whatever the wire. */
export interface Followed {
  /** Numbers in the order of arrival; negative if the message is not JSON. */
  readonly numbers: readonly number[]
  /** Messages that are not events. */
  readonly others: readonly string[]
  /** Comments, pings and pongs. */
  readonly heartbeats: number
  /** How it ended: the close code of a WebSocket, the end of a body, or a RST; undefined while it is open. */
  readonly end: number | 'complete' | 'reset' | 'cut' | undefined
  leave(): void
}

/** The ledger's event counts for one run, with the same names for both wires. */
export interface Deliveries {
  delivered: number
  dropped: Record<string, number>
  injected?: InjectedDeliveries | undefined
  unsent: number
  closed: Partial<Record<CloseReason, number>>
}

export interface Line {
  name: string
  /** The name that rules use. */
  operation: string
  channel: string
  flags: Record<string, string>
  follow(target: TestTarget, key: string, run?: string): Promise<Followed>
  /** Publishes events with these numbers, in this order. */
  tell(target: TestTarget, numbers: readonly number[]): Promise<void>
  deliveries(target: TestTarget, run?: string): Promise<Deliveries>
}

export const lines: Line[] = [streaming('sse'), streaming('ndjson'), chatting()]

/** A target with these rules, on which all clients follow one sequence. */
export function followedTarget({ flags }: Line, rules: readonly FaultRule[]): Promise<TestTarget> {
  return testTarget({ ...flags, 'faults.rules': JSON.stringify(rules) })
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

function streaming(format: 'sse' | 'ndjson'): Line {
  return {
    name: format.toUpperCase(),
    operation: 'streams.read',
    channel: 'jobs',
    flags: { 'streams.partitions': '1', 'streams.keepAlive': '50ms', 'streams.idleKeepAlive': '50ms' },
    async follow(target, key, run = 'followers') {
      const headers = {
        authorization: `Bearer ${await target.token('consumer')}`,
        'x-loadcell-exchange': key,
        'x-loadcell-run': run,
      }
      const client = new StreamClient(target.port, `/v1/streams/jobs?format=${format}&region=eu`, { headers })
      await until(() => client.head !== '' && client.status === 200)
      const messages = () =>
        client.body
          .split(format === 'sse' ? '\n\n' : '\n')
          .slice(0, -1)
          .map(text => text.replace(/^[^]*data: /, ''))
      return {
        get numbers() {
          return messages().flatMap(numbersOf)
        },
        others: [],
        get heartbeats() {
          return messages().filter(text => text.includes('keep')).length
        },
        get end() {
          if (client.failed) return 'reset'
          if (!client.ended) return undefined
          return client.isComplete ? 'complete' : 'cut'
        },
        leave: () => client.halfClose(),
      }
    },
    async tell(target, numbers) {
      const events = numbers.map(number => ({ event_type: 'job.created', event_id: `e${number}`, data: { number } }))
      const answer = await fetch(`${target.url}/v1/events/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await target.token()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ stream: 'jobs', events }),
      })
      if (!answer.ok) throw new Error(await answer.text())
    },
    async deliveries(target, run = 'followers') {
      const { streams } = await target.settledLedger(run)
      const account = streams.deliveries[0]!
      const { offered, delivered, dropped, injected, unsent } = account
      const all = delivered + unsent + Object.values(dropped).reduce((sum, count) => sum + count, 0)
      if (all !== offered + (injected?.duplicated ?? 0)) throw new Error(`unexplained: ${JSON.stringify(account)}`)
      return { delivered, dropped, injected, unsent, closed: streams.closed }
    },
  }
}

function chatting(): Line {
  return {
    name: 'WebSocket',
    operation: 'sockets.chat',
    channel: 'room:jobs',
    flags: { ...clientsFlag({ ann: ['chat'] }), 'sockets.pingInterval': '50ms' },
    async follow(target, key, run = 'followers') {
      const token = await tokenOf(target, 'ann')
      const headers = { 'X-Loadcell-Exchange': key, 'X-Loadcell-Run': run }
      const socket = await RawSocket.open(target.port, `/ws/chat?region=eu&token=${token}`, headers)
      let wasReset = false
      socket.socket.on('error', ({ code }: NodeJS.ErrnoException) => (wasReset ||= code === 'ECONNRESET'))
      socket.send(JSON.stringify({ action: 'subscribe', channel: 'room:jobs' }))
      const texts = () =>
        socket.frames.filter(({ opcode }) => opcode === opcodes.text).map(({ payload }) => payload.toString())
      return {
        get numbers() {
          return texts().flatMap(numbersOf)
        },
        get others() {
          return texts().filter(text => numbersOf(text).length === 0)
        },
        get heartbeats() {
          return socket.frames.filter(({ opcode }) => opcode === opcodes.ping).length
        },
        get end() {
          return wasReset ? 'reset' : (socket.closeCode ?? (socket.ended ? 'cut' : undefined))
        },
        leave: () => socket.send(Buffer.from([3, 232]), { opcode: opcodes.close }),
      }
    },
    async tell(target, numbers) {
      const teller = await RawSocket.open(target.port, `/ws/chat?token=${await tokenOf(target, 'ann')}`, {
        'X-Loadcell-Run': 'tellers',
      })
      for (const number of numbers) {
        const message = { id: `e${number}`, senderId: 'ann', text: `${number}`, sentAt: 1 }
        teller.send(JSON.stringify({ action: 'publish', channel: 'room:jobs', message }))
      }
      await until(() => teller.frames.filter(({ opcode }) => opcode === opcodes.text).length === numbers.length)
      teller.socket.destroy()
    },
    async deliveries(target, run = 'followers') {
      const { delivered, dropped, injected, unsent, closed } = (await target.settledLedger(run)).sockets.endpoints[0]!
      return { delivered, dropped, injected, unsent, closed }
    },
  }
}

/** Returns the number in an event's text, negative if the text is not JSON, and nothing for other events. */
function numbersOf(text: string): number[] {
  const found = /"(?:event_id|id)":"e(\d+)"/.exec(text)
  if (found === null) return []
  return [isJson(text) ? Number(found[1]) : -Number(found[1])]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
