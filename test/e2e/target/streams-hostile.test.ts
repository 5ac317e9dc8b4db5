import { describe, expect, it, onTestFinished } from 'vitest'
import type { PollAnswer, StreamStats } from '../../../contract/api/streams.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { slowConsumerPolicies } from '../../../contract/streams.ts'
import { StreamClient, type StreamClientOptions, until } from '../../support/stream-client.ts'
import { type TestTarget, testTarget } from './support.ts'

const BUDGET_BYTES = 65_536
/** Bytes that Node's own queue for a socket may hold beside the budget: its mark, and one frame. */
const SOCKET_BYTES = 65_536 + 40_000

interface Attack {
  target: TestTarget
  /** Requests a stream or poll on its own socket, which is closed after the test. */
  open: (path: string, options?: StreamClientOptions) => StreamClient
  publish: (count: number, bytes?: number, key?: string) => Promise<void>
  get: <T>(path: string) => Promise<T>
}

async function attack(flags: Record<string, string> = {}): Promise<Attack> {
  const target = await testTarget({ 'streams.slowConsumer.budgetBytes': String(BUDGET_BYTES), ...flags })
  const [writer, reader] = [await target.token('producer'), await target.token('consumer')]
  let published = 0
  return {
    target,
    open(path, options = {}) {
      const headers = { authorization: `Bearer ${reader}`, ...options.headers }
      const client = new StreamClient(target.port, path, { ...options, headers })
      onTestFinished(() => client.vanish())
      return client
    },
    async publish(count, bytes = 10, key = 'k') {
      const events = Array.from({ length: count }, () => {
        const data = { filler: 'x'.repeat(bytes) }
        return { event_type: 'order.created', event_id: `e${published++}`, partition_key: key, data }
      })
      const answer = await fetch(`${target.url}/v1/events/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${writer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
      })
      expect(answer.status).toBe(202)
    },
    async get<T>(path: string) {
      return (await (
        await fetch(`${target.url}${path}`, { headers: { authorization: `Bearer ${reader}` } })
      ).json()) as T
    },
  }
}

async function gauges(target: TestTarget): Promise<Record<string, number>> {
  const text = await (await fetch(`${target.url}/metrics`)).text()
  return Object.fromEntries(
    [...text.matchAll(/^(loadcell_\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  )
}

/** Checks that all counts of open streams are back to zero and every offered event is explained. */
async function expectQuiet(target: TestTarget): Promise<LedgerReport> {
  const ledger = await target.settledLedger()
  expect(await gauges(target)).toMatchObject({
    loadcell_streams_open: 0,
    loadcell_polls_waiting: 0,
    loadcell_streams_buffered_bytes: 0,
  })
  const sum = (counts: Partial<Record<string, number>>) =>
    Object.values(counts).reduce<number>((all, count) => all + (count ?? 0), 0)
  expect(sum(ledger.streams.closed)).toBe(ledger.streams.opened)
  for (const { offered, delivered, dropped, filtered, elsewhere, expired, unsent } of ledger.streams.deliveries) {
    expect(offered - delivered - sum(dropped) - filtered - elsewhere - expired - unsent).toBe(0)
  }
  return ledger
}

describe('clients that never read', () => {
  it.each(slowConsumerPolicies)('are held within their budget under %s, and accounted for', async policy => {
    const { target, open, publish } = await attack({
      'streams.slowConsumer.policy': policy,
      'streams.historyEvents': '20',
    })
    const clients = ['', '?consumer_group=g', '?event_type=order.updated'].map(query =>
      open(`/v1/streams/orders${query}`, { paused: true }),
    )
    const openStreams = async () => (await gauges(target))['loadcell_streams_open']
    await expect.poll(openStreams, { timeout: 20_000 }).toBe(3)
    const ledger = async () => (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as LedgerReport
    const acted = async () => {
      const { closed, deliveries } = (await ledger()).streams
      return policy === 'disconnect' ? closed.slow_consumer === 2 : (deliveries[0]?.dropped[policy] ?? 0) >= 10
    }
    while (!(await acted())) {
      await publish(4, 20_000)
      const { loadcell_streams_buffered_bytes: buffered } = await gauges(target)
      expect(buffered).toBeLessThanOrEqual(2 * (BUDGET_BYTES + SOCKET_BYTES))
    }
    // A client that filters everything out is not slow.
    expect((await ledger()).open.streams).toBe(policy === 'disconnect' ? 1 : 3)
    for (const client of clients) client.vanish()
    const { streams, events } = await expectQuiet(target)
    expect(streams.deliveries).toMatchObject([{ stream: 'orders', filtered: events.accepted }])
    if (policy !== 'disconnect') expect(streams.deliveries[0]?.dropped).toEqual({ [policy]: events.dropped[policy] })
  })

  it('are closed by age if there are too few events to exceed the byte limit', async () => {
    const { target, open, publish } = await attack({
      'streams.slowConsumer.budgetBytes': '100000000',
      'streams.slowConsumer.budgetAge': '100ms',
    })
    open('/v1/streams/orders', { paused: true })
    const closed = async () => (await gauges(target))['loadcell_streams_open'] === 0
    await expect.poll(async () => (await gauges(target))['loadcell_streams_open']).toBe(1)
    // This simulates a client that vanished: the kernel's buffers are all it will ever take.
    for (let n = 0; n < 20; n += 1) await publish(40, 20_000)
    await expect.poll(closed, { timeout: 20_000 }).toBe(true)
    expect((await expectQuiet(target)).streams.closed).toEqual({ slow_consumer: 1 })
  })
})

describe('clients that come and go', () => {
  it('leave nothing behind, a thousand of them, whenever they leave', async () => {
    const { target, open, publish, get } = await attack({ 'streams.groups': '10', 'streams.pollTimeout': '20ms' })
    const CLIENTS = 1000
    const clients: StreamClient[] = []
    for (let n = 0; n < CLIENTS; n += 1) {
      const paths = [
        '/v1/streams/orders?from=earliest',
        `/v1/streams/orders?consumer_group=g${n % 50}`,
        '/v1/streams/orders/poll',
      ]
      const client = open(paths[n % 3] as string)
      clients.push(client)
      if (n % 100 === 0) await publish(5)
      const leave = () => (n % 2 === 0 ? client.vanish() : client.halfClose())
      // Leaves before it is connected, when its request is sent, or when the response begins.
      if (n % 7 === 0) leave()
      else client.socket.once(n % 5 === 0 ? 'data' : 'connect', leave)
    }
    // Those that closed only their own side are answered to the end.
    await until(() => clients.every(({ socket }) => socket.destroyed))
    const ledger = await expectQuiet(target)
    expect(ledger.operations.flatMap(({ statuses }) => Object.keys(statuses))).not.toContain('500')
    const { groups, subscribers } = await get<StreamStats>('/v1/streams/orders/stats')
    expect(groups.length).toBeLessThanOrEqual(10)
    expect(subscribers).toBe(0)
    expect(ledger.streams.opened).toBeGreaterThan(100)
  }, 60_000)

  it('take no events with them when they leave a poll', async () => {
    const { target, open, publish, get } = await attack({ 'streams.connections': '50' })
    const group = 'consumer_group=g'
    for (let round = 0; round < 4; round += 1) {
      const clients = Array.from({ length: 50 }, () => open(`/v1/streams/orders/poll?${group}`))
      await expect.poll(async () => (await gauges(target))['loadcell_polls_waiting'], { timeout: 20_000 }).toBe(50)
      for (const client of clients) client.vanish()
      await expect.poll(async () => (await gauges(target))['loadcell_polls_waiting'], { timeout: 20_000 }).toBe(0)
    }
    await publish(7)
    const { events } = await get<PollAnswer>(`/v1/streams/orders/poll?${group}`)
    expect(events.map(({ event_id }) => event_id)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
    const ledger = await expectQuiet(target)
    const polls = ledger.operations.find(({ operation }) => operation === 'streams.poll')
    expect(polls).toMatchObject({ arrivals: 201, aborted: 200, statuses: { 200: 1 } })
    expect(ledger.streams.polls).toEqual({ answered: 1, empty: 0, refused: 0, reset: 0, events: 7 })
    expect(ledger.streams.deliveries).toMatchObject([{ stream: 'orders', offered: 7, delivered: 7, polled: 7 }])
  })
})
