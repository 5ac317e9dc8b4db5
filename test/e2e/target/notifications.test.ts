import { describe, expect, it } from 'vitest'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const path = '/v1/realtime/notifications'
const topics = ['account.42.notifications', 'account.42.orders', 'account.42.billing']

async function follow(target: TestTarget, followed = topics, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await target.token('consumer')}`
  const socket = await NaiveSocket.open(`${target.url}${path}`, { authorization, ...headers })
  expect(await socket.ask({ type: 'subscribe', topics: followed })).toEqual({ type: 'subscribed', topics: followed })
  return socket
}

async function publish(target: TestTarget, body: object, how = 'publish', headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await target.token()}`
  const answer = await fetch(`${target.url}/v1/events/${how}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(202)
}

const order = (id: string, data: object) => ({ event_type: 'order.created', event_id: id, data })

describe('notifications', () => {
  it('answer each frame of a naive script with the frame it expects', async () => {
    const target = await testTarget()
    const socket = await NaiveSocket.open(`${target.url}${path}?token=${await target.token('consumer')}`)
    expect(await socket.ask({ type: 'subscribe', topics })).toEqual({ type: 'subscribed', topics })
    for (let n = 1; n <= 20; n += 1) {
      const pong = await socket.ask({ type: 'ping', ts: n })
      expect(pong).toEqual({ type: 'pong', ts: n, server_ts: expect.any(Number) as number })
    }
    expect(await socket.ask({ type: 'unsubscribe', topics })).toEqual({ type: 'unsubscribed', topics })
    expect(await socket.ask({ type: 'unsubscribe', topics })).toEqual({ type: 'unsubscribed', topics })
  })

  it('are of accounts by any name, and take a second subscription', async () => {
    const target = await testTarget()
    const socket = await NaiveSocket.open(`${target.url}${path}?token=${await target.token('consumer')}`)
    const topics = ['account.acc:7/b.notifications', 'account.ann müller.orders', 'account.a.b@c.de.billing']
    expect(await socket.ask({ type: 'unsubscribe', topics })).toEqual({ type: 'unsubscribed', topics })
    for (let n = 0; n < 2; n += 1) {
      expect(await socket.ask({ type: 'subscribe', topics, id: n, extra: null })).toEqual({
        type: 'subscribed',
        topics,
      })
    }
    const pong = { type: 'pong', server_ts: expect.any(Number) as number }
    expect(await socket.ask({ type: 'ping', ts: null })).toEqual(pong)
    expect(await socket.ask({ type: 'ping', ts: 1.5 })).toEqual({ ...pong, ts: 1.5 })
    const refused = ['account..orders', 'account.a\nb.orders', `account.${'x'.repeat(257)}.orders`]
    for (const topic of refused) {
      expect(await socket.ask({ type: 'subscribe', topics: [topic] })).toMatchObject({ code: 'invalid_name' })
    }
  })

  it('come to a client that is silent, on its topics in turn', async () => {
    const socket = await follow(await testTarget({ 'notifications.idleMs': '40' }))
    const pushes = [await socket.next(), await socket.next(), await socket.next(), await socket.next()]
    expect(pushes.map(({ topic, type, sequence }) => [topic, type, sequence])).toEqual([
      ['account.42.notifications', 'notification', 1],
      ['account.42.orders', 'order_update', 1],
      ['account.42.billing', 'invoice_ready', 1],
      ['account.42.notifications', 'notification', 2],
    ])
    expect(new Set(pushes.map(({ id }) => id)).size).toBe(4)
  })

  it('come on each topic independently with push: interval, and are the same for all its followers', async () => {
    const target = await testTarget({ 'notifications.push': 'interval', 'notifications.interval': '30ms' })
    const first = await follow(target, ['account.42.orders'])
    const second = await follow(target, ['account.42.orders'])
    const shared = await second.next()
    for (;;) {
      const push = await first.next()
      if (push['sequence'] !== shared['sequence']) continue
      expect(push).toEqual(shared)
      break
    }
  })

  it('tell an account’s followers of its published orders with push: on_event', async () => {
    const target = await testTarget({ 'notifications.push': 'on_event' })
    const socket = await follow(target)
    await publish(target, order('e-1', { order_id: 7, customer_id: 42, total: 12.5, currency: 'USD' }))
    expect([await socket.next(), await socket.next(), await socket.next()]).toMatchObject([
      { type: 'notification', topic: topics[0], sequence: 1, title: 'Order 7: created', event_id: 'e-1' },
      { type: 'order_update', topic: topics[1], sequence: 1, order_id: 7, status: 'created', event_id: 'e-1' },
      { type: 'invoice_ready', topic: topics[2], sequence: 1, amount: 12.5, currency: 'USD', event_id: 'e-1' },
    ])
  })

  it('tell numbers as they were written, and know an account by all of its digits', async () => {
    const target = await testTarget({ 'notifications.push': 'on_event' })
    const big = '9007199254740993'
    const names = ['notifications', 'orders', 'billing'].map(kind => `account.${big}.${kind}`)
    const socket = await follow(target, names)
    const of = (id: string, account: string) =>
      `{"event_type":"order.created","event_id":"${id}","data":{"order_id":${big},"customer_id":${account},"total":12.50}}`
    const authorization = `Bearer ${await target.token('producer')}`
    for (const [path, body] of [
      ['publish', of('other', '9007199254740992')],
      ['publish', of('one', big)],
      ['batch', `{"events":[${of('two', big)}]}`],
    ]) {
      const headers = { 'content-type': 'application/json', authorization }
      expect((await fetch(`${target.url}/v1/events/${path}`, { method: 'POST', headers, body: body! })).status).toBe(
        202,
      )
    }
    for (const id of ['one', 'two']) {
      const pushes = [await socket.nextText(), await socket.nextText(), await socket.nextText()]
      expect(pushes[0]).toContain(`"title":"Order ${big}: created"`)
      expect(pushes[1]).toContain(`"order_id":${big},`)
      expect(pushes[2]).toContain(`"invoice_id":"INV-${big}","amount":12.50,`)
      for (const push of pushes) expect(push).toContain(`"event_id":"${id}"`)
    }
  })

  it('are sent once per accepted event, also in batches, and not for duplicates, other accounts or other tenants', async () => {
    const target = await testTarget({ 'notifications.push': 'on_event' })
    const socket = await follow(target, ['account.42.orders'])
    const mine = order('mine', { user_id: '42' })
    await publish(target, mine)
    await publish(target, mine)
    await publish(target, order('theirs', { customer_id: 43 }))
    await publish(target, order('elsewhere', { customer_id: 42 }), 'publish', { 'x-tenant-id': 'other' })
    const updated = { event_type: 'order.updated', event_id: 'later', data: { account_id: '42', status: 'shipped' } }
    const bad = order('bad', { customer_id: 42, total: -1 })
    await publish(target, { stream: 'orders', events: [mine, bad, updated] }, 'batch')
    expect(await socket.next()).toMatchObject({ event_id: 'mine', sequence: 1 })
    expect(await socket.next()).toMatchObject({ event_id: 'later', sequence: 2, status: 'shipped' })
    expect(await socket.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  })

  it('are of any account, and in strict mode of the token’s own only', async () => {
    const target = await testTarget({ 'auth.mode': 'strict' })
    const authorization = `Bearer ${await target.token('consumer')}`
    const socket = await NaiveSocket.open(`${target.url}${path}`, { authorization })
    const own = 'account.notification-dashboard.orders'
    expect(await socket.ask({ type: 'subscribe', topics: [own, 'account.42.orders'] })).toMatchObject({
      type: 'error',
      code: 'forbidden',
      in_reply_to: 'subscribe',
    })
    expect(await socket.ask({ type: 'subscribe', topics: [own] })).toEqual({ type: 'subscribed', topics: [own] })
  })

  it('refuse bad frames as a whole, and the socket stays open', async () => {
    const target = await testTarget({
      'notifications.push': 'on_event',
      'notifications.topics': '3',
      'sockets.subscriptions': '2',
    })
    const socket = await follow(target, ['account.1.orders'])
    expect(await socket.ask({ type: 'subscribe', topics: ['account.42.wishes'] })).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining("expected a topic such as 'account.42.orders'") as string,
    })
    const two = ['account.42.orders', 'account.42.billing']
    expect(await socket.ask({ type: 'subscribe', topics: two })).toMatchObject({ code: 'too_many_subscriptions' })
    await publish(target, order('e-1', { customer_id: 42 }))
    expect(await socket.ask({ type: 'subscribe', topics: two.slice(0, 1) })).toMatchObject({ type: 'subscribed' })

    const other = await follow(target, ['account.1.billing'])
    expect(await other.ask({ type: 'subscribe', topics: ['account.2.orders'] })).toMatchObject({
      code: 'too_many_channels',
    })
    expect(await other.ask({ type: 'subscribe', topics: ['account.42.orders'] })).toMatchObject({ type: 'subscribed' })
  })

  it('are in the ledger: pushes as events, answers not', async () => {
    const target = await testTarget({ 'notifications.push': 'on_event' })
    const [first, second] = [await follow(target), await follow(target, ['account.42.orders'])]
    await publish(target, order('e-1', { customer_id: 42 }))
    for (let n = 0; n < 3; n += 1) await first.next()
    await second.next()
    await first.close()
    await second.close()
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([
      { operation: 'sockets.notifications', opened: 2, received: 2, delivered: 4, closed: { client: 2 } },
    ])
  })
})
