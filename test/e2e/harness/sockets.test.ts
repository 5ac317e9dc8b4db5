import { expect, test } from 'vitest'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { ChatFrame } from '../../../contract/sockets/chat.ts'
import { systemClock } from '../../../core/clock.ts'
import { type QuoteFrame, type Scenario, type Socket, scenario, user } from '../../../harness/scenario.ts'
import { clientOf, createUser } from '../../unit/harness/client/support.ts'
import { runTrial, trialTarget } from './trial.ts'

/** The ledger of the run, once nothing is in progress. */
async function ledgerOf(url: string, runId: string): Promise<LedgerReport> {
  for (;;) {
    const report = (await (await fetch(`${url}/_loadcell/ledger?run=${runId}`)).json()) as LedgerReport
    if (report.open.requests === 0 && report.sockets.open === 0) return report
    await systemClock.sleep(20)
  }
}

/** Runs a scenario against a target with these settings, and compares the counts of both ends. */
async function drive(definition: Scenario, flags: Record<string, string> = {}, meanwhile?: (url: string) => void) {
  const targetUrl = await trialTarget(flags)
  let begun = false
  const result = await runTrial(targetUrl, definition, {
    onProgress: () => {
      if (!begun) meanwhile?.(targetUrl)
      begun = true
    },
  })
  const ledger = await ledgerOf(targetUrl, result.run.id)
  return { result, ledger, rows: reconcile(result, ledger).rows.filter(({ difference }) => difference !== 0) }
}

/** Publishes into a shared room, and receives from it. */
const talker = user('talker', {
  think: '20ms',
  async begin({ ws, vu }) {
    const token = `demo-jwt-token-${vu.id}`
    const seen: number[] = []
    const socket = await ws.open<ChatFrame>('/ws/chat', {
      query: { token },
      backoff: '50ms',
      onOpen: async socket => {
        const joined = await socket.request(
          { action: 'subscribe', channel: 'room:all' },
          { type: 'subscription_confirmed' },
        )
        seen.push(joined?.members ?? 0)
      },
    })
    return { socket, seen }
  },
  async iterate({ state: { socket }, check, fake, vu }) {
    const id = fake.id('m')
    const message = { id, senderId: vu.id, text: 'hello', sentAt: Date.now() }
    const ack = await socket.request({ action: 'publish', channel: 'room:all', message }, { type: 'message_ack', id })
    check(ack, { 'is acknowledged': frame => frame !== undefined })
    while ((await socket.receive(undefined, { timeout: 1 })) !== undefined);
  },
})

test('all messages of a room reach all its members, and both ends agree', async () => {
  const { result, ledger, rows } = await drive(
    scenario({ load: { executor: 'constant-vus', vus: 12, duration: '2s' }, users: [talker] }),
  )
  expect(rows).toEqual([])
  const { totals, errors, checks } = result
  expect(errors).toEqual([])
  expect(checks).toMatchObject([{ name: 'is acknowledged', fails: 0 }])
  expect(totals.sockets).toMatchObject({
    opened: 12,
    reconnects: 0,
    unansweredRequests: 0,
    closed: [{ code: 1000, name: 'normal', by: 'client', count: 12 }],
  })
  expect(totals.sockets.events).toBe(ledger.sockets.endpoints[0]?.delivered)
  // How many there are in two seconds is a matter of the machine, but each message reaches several others.
  expect(totals.sockets.events).toBeGreaterThan(totals.sockets.response.count)
  expect(totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  expect(totals.events.e2e.count).toBe(totals.sockets.events)
  // All have joined and published.
  expect(totals.sockets.response.count).toBeGreaterThanOrEqual(24)
  expect(Math.max(...result.timeline.map(({ openSockets }) => openSockets))).toBe(12)
})

test('sockets that were cut reconnect and join their rooms again', async () => {
  const { result, rows } = await drive(
    scenario({ load: { executor: 'constant-vus', vus: 12, duration: '3s' }, users: [talker] }),
    {},
    url => void fetch(`${url}/_loadcell/disconnect?share=1`, { method: 'POST' }),
  )
  expect(rows).toEqual([])
  const { sockets } = result.totals
  expect(sockets).toMatchObject({ opened: 24, reconnects: 12 })
  expect(sockets.closed.map(({ code, by, count }) => [code, by, count])).toEqual([
    [1000, 'client', 12],
    [1012, 'target', 12],
  ])
})

test('a socket whose token expires reconnects with a new token', async () => {
  const url = await trialTarget({ 'auth.tokenTtl': '2s' })
  const { ws, auth, recorder, session } = createUser(clientOf(url))
  await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
  const topics = ['account.1.orders']
  const socket = await ws.open('/v1/realtime/notifications', {
    backoff: '20ms',
    onOpen: socket => socket.request({ type: 'subscribe', topics }, { type: 'subscribed' }),
  })
  while (recorder.sum('reconnects') < 1) await systemClock.sleep(50)
  expect(await socket.request({ type: 'ping', ts: 1 }, { type: 'pong' })).toMatchObject({ ts: 1 })
  expect(await socket.ping()).toBeGreaterThan(0)
  await session.holdings.releaseAll()
  expect(recorder.of('ws_session_duration').map(({ tags }) => tags.status)).toEqual(['4401', '1000'])
  expect(recorder.failures).toEqual([])
})

test('a slow consumer gets fewer events, in order, and both ends agree', async () => {
  const url = await trialTarget({
    'quotes.rate': '500',
    'sockets.slowConsumer.budgetAge': '10m',
  })
  const client = clientOf(url)
  const [fast, slow] = [createUser(client, { ordinal: 0 }), createUser(client, { ordinal: 1 })]
  const tickers = [
    'AAPL',
    'AMZN',
    'GOOG',
    'INTC',
    'META',
    'MSFT',
    'NFLX',
    'NVDA',
    'QQQ',
    'TSLA',
    'CSCO',
    'ADBE',
    'AMD',
    'ZM',
  ]
  const streams = tickers.map(ticker => `quotes.NASDAQ:${ticker}`)
  const onOpen = (socket: Socket<QuoteFrame>) => socket.request({ op: 'subscribe', streams }, { op: 'subscribed' })
  await slow.ws.open<QuoteFrame>('/ws/quotes', { onOpen, readRate: '1/s' })
  await fast.ws.open<QuoteFrame>('/ws/quotes', { onOpen })
  // The kernel's buffers fill first.
  for (let dropped = 0; dropped < 1000; ) {
    await systemClock.sleep(100)
    const { sockets } = (await (await fetch(`${url}/_loadcell/ledger?run=run-1`)).json()) as LedgerReport
    dropped = sockets.endpoints[0]?.dropped['conflate'] ?? 0
  }
  await fast.session.holdings.releaseAll()
  await slow.session.holdings.releaseAll()
  // The fast one may lose events, too, because it shares this process with the target.
  expect(slow.recorder.sum('ws_events')).toBeLessThan(fast.recorder.sum('ws_events') - 1000)
  for (const { recorder } of [fast, slow]) {
    expect(recorder.sum('event_duplicates')).toBe(0)
    expect(recorder.sum('event_out_of_order')).toBe(0)
  }
  const ledger = await ledgerOf(url, 'run-1')
  const received = fast.recorder.sum('ws_events') + slow.recorder.sum('ws_events')
  expect(ledger.sockets.endpoints).toMatchObject([
    { opened: 2, closed: { client: 2 }, delivered: received, received: 2 },
  ])
})

test('a refusal by the real target is an error that quotes it', async () => {
  const url = await trialTarget()
  const { ws } = createUser(clientOf(url))
  await expect(ws.open('/ws/chat')).rejects.toThrow(/cannot follow \/ws\/chat: status 401: .*token/)
})
