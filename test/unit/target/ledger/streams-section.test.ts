import { afterEach, expect, test } from 'vitest'
import type { LedgerReport } from '../../../../contract/ledger.ts'
import { buildTarget, type ReferenceTarget } from '../../../../target/app.ts'
import { StreamClient, until } from '../../../support/stream-client.ts'
import { configuration } from '../../../support/streams-app.ts'

const clients: StreamClient[] = []
let target: ReferenceTarget | undefined

afterEach(async () => {
  for (const client of clients.splice(0)) client.vanish()
  await target?.close()
})

test('the ledger of a running target agrees with its consumers, to the frame and the byte', async () => {
  target = await buildTarget(configuration({ 'http.port': '0', 'log.level': 'silent' }))
  const { app } = target
  const port = Number(new URL((await target.listen()).url).port)
  const [writer, reader] = await Promise.all([
    bearer('producer-service', 'producer-secret'),
    bearer('notification-dashboard', 'consumer-secret'),
  ])
  for (let n = 0; n < 6; n += 1) {
    const path = `/v1/streams/notifications?channels=orders,pricing&format=${n % 2 === 0 ? 'sse' : 'ndjson'}`
    clients.push(new StreamClient(port, path, { headers: { ...reader, 'x-loadcell-exchange': `consumer-${n}` } }))
  }
  await until(() => clients.every(({ status }) => status === 200))
  for (let n = 0; n < 60; n += 1) {
    const event = { event_type: n % 2 === 0 ? 'order.created' : 'price.changed', event_id: `e${n}`, data: {} }
    await app.inject({ method: 'POST', url: '/v1/events/publish', payload: event, headers: writer })
    if (n >= 30) clients[n - 30]?.halfClose()
  }
  await until(() => clients.every(({ ended }) => ended))

  const ledger = (await app.inject({ url: '/_loadcell/ledger' })).json<LedgerReport>()
  expect(ledger.open).toEqual({ requests: 0, streams: 0 })
  expect(ledger.streams).toMatchObject({ opened: 6, closed: { client: 6 } })
  expect(ledger.events).toMatchObject({ received: 60, accepted: 60 })
  for (const [n, client] of clients.entries()) {
    expect(client.isComplete).toBe(true)
    expect(client.events.length).toBeGreaterThan(20)
    const account = ledger.consumers.find(({ key }) => key === `consumer-${n}`)
    expect(account).toMatchObject({ streams: ['orders', 'pricing'], delivered: client.events.length, dropped: 0 })
  }
  const operation = ledger.operations.find(({ operation }) => operation === 'streams.notifications')
  expect(operation?.bytesOut).toBe(clients.reduce((bytes, client) => bytes + Buffer.byteLength(client.body), 0))

  async function bearer(id: string, secret: string): Promise<Record<string, string>> {
    const response = await app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`,
    })
    return { authorization: `Bearer ${response.json<{ access_token: string }>().access_token}` }
  }
})
