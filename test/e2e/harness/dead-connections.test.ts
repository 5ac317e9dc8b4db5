import { expect, test } from 'vitest'
import { readLedger } from '../../../calibration/ledger-client.ts'
import { systemClock } from '../../../core/clock.ts'
import { type ChatFrame, type Scenario, scenario, user } from '../../../harness/scenario.ts'
import { type Network, networkTo } from '../../support/severed-network.ts'
import { runTrial, trialTarget } from './trial.ts'

/** Runs a scenario over a network that the test can cut. */
async function drive(definition: Scenario, onSecond: (network: Network, second: number) => void) {
  const targetUrl = await trialTarget({ 'feed.orders': '50', 'streams.retry': '50ms' })
  const network = await networkTo(targetUrl)
  let second = 0
  const onProgress = () => onSecond(network, (second += 1))
  const result = await runTrial(network.url, definition, { onProgress })
  const ledger = await readLedger({ targetUrl, clock: systemClock }, result.run.id)
  return { result, ledger, network }
}

const cutOnce = (network: Network, second: number) => {
  if (second === 2) network.cut()
}

test('streams over a cut network count as lost, and are resumed without loss', async () => {
  const { result, network } = await drive(
    scenario({
      load: { executor: 'constant-vus', vus: 4, duration: '8s' },
      users: [
        user('reader', {
          begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
          async iterate({ sse }) {
            for await (const _ of sse.open('/v1/streams/orders', { silence: '2s' }));
          },
        }),
      ],
    }),
    cutOnce,
  )
  expect(result.outcome.state).toBe('completed')
  expect(network.dangling).toBe(0)
  expect(result.errors).toMatchObject([
    { reason: 'silent', name: '/v1/streams/{stream}', count: 4, example: 'no byte received for 2000 ms' },
  ])
  expect(result.totals.streams).toMatchObject({ opened: 8, reconnects: 4 })
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  expect(result.totals.events.delivered).toBeGreaterThan(0)
})

test('WebSockets over a cut network count as lost, and are opened and set up again', async () => {
  const { result, ledger, network } = await drive(
    scenario({
      load: { executor: 'constant-vus', vus: 4, duration: '9s' },
      users: [
        user('member', {
          begin: ({ ws, vu }) =>
            ws.open<ChatFrame>('/ws/chat', {
              query: { token: `demo-jwt-token-${vu.id}` },
              silence: '1s',
              backoff: '50ms',
              onOpen: socket =>
                socket.request({ action: 'subscribe', channel: 'room:all' }, { type: 'subscription_confirmed' }),
            }),
          iterate: ({ sleep }) => sleep('100ms'),
        }),
      ],
    }),
    cutOnce,
  )
  expect(result.outcome.state).toBe('completed')
  expect(network.dangling).toBe(0)
  expect(result.errors).toMatchObject([
    { reason: 'silent', name: '/ws/chat', count: 4, example: 'no byte received for 2000 ms' },
  ])
  expect(result.totals.sockets).toMatchObject({ opened: 8, reconnects: 4, unansweredRequests: 0, framesSent: 8 })
  expect(result.totals.sockets.closed.map(({ code, by, count }) => [code, by, count])).toEqual([
    [1000, 'client', 4],
    [1006, 'lost', 4],
  ])
  // Idle sockets were pinged by the harness; the scenario's pings do not include these.
  expect(ledger.sockets.endpoints[0]?.pings).toBeGreaterThan(0)
  expect(result.series.filter(({ metric }) => metric === 'ws_ping')).toEqual([])
})
