import { expect, test } from 'vitest'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, more: object = {}) => ({ event_type: 'order.created', event_id: id, data: {}, ...more })
const price = (id: string) => ({ event_type: 'price.changed', event_id: id, data: {} })

test('a stream begins with its head and the retry time, then carries each event with its place', async () => {
  const app = await startStreamsApp({ 'streams.retry': '2s' })
  const client = await app.follow('/v1/streams/orders')
  const { body: answer } = await app.publish(order('a', { partition_key: 'k', note: 'line\nbreak' }))
  await until(() => client.events.length === 1)

  expect(client.head).toMatch(/^HTTP\/1\.1 200/)
  expect(client.head).toMatch(/content-type: text\/event-stream; charset=utf-8/i)
  expect(client.head).toMatch(/cache-control: no-store/i)
  expect(client.head).toMatch(/x-accel-buffering: no/i)
  expect(client.body.startsWith('retry: 2000\n\n')).toBe(true)
  const [frame] = client.events
  expect(frame?.type).toBe('order.created')
  expect(frame?.data).toEqual({
    ...order('a', { partition_key: 'k', note: 'line\nbreak' }),
    stream: 'orders',
    partition: answer['partition'],
    offset: 0,
    published_at: answer['accepted_at'],
  })
})

test('several streams are merged in one order, as lines when asked', async () => {
  const app = await startStreamsApp()
  const byQuery = await app.follow('/v1/streams/notifications?channels=orders,pricing&format=ndjson')
  const byHeader = await app.follow('/v1/streams/notifications?channels=orders,pricing,orders', {
    headers: { accept: 'application/x-ndjson' },
  })
  for (const id of ['1', '2', '3']) {
    await app.publish(order(`o${id}`))
    await app.publish(price(`p${id}`))
    await app.publish({ event_type: 'inventory.updated', event_id: `i${id}`, data: {} })
  }
  for (const client of [byQuery, byHeader]) {
    await until(() => client.events.length === 6)
    expect(client.head).toMatch(/content-type: application\/x-ndjson/i)
    expect(client.eventIds).toEqual(['o1', 'p1', 'o2', 'p2', 'o3', 'p3'])
    expect(client.events.every(({ id }) => /^[0-9a-f]{12}-[0-9a-z]+$/.test(id))).toBe(true)
  }
})

test('tenants do not see each other, and a stream is made when it is first followed', async () => {
  const app = await startStreamsApp()
  const client = await app.follow('/v1/streams/returns', { headers: { 'x-tenant-id': 'acme' } })
  await app.batch({ stream: 'returns', events: [{ event_type: 'x.y', event_id: 'public', data: {} }] })
  await app.batch(
    { stream: 'returns', events: [{ event_type: 'x.y', event_id: 'acme', data: {} }] },
    { 'x-tenant-id': 'acme' },
  )
  await until(() => client.events.length === 1)
  expect(client.eventIds).toEqual(['acme'])
})

test('filters by partition and by type keep the rest away', async () => {
  const app = await startStreamsApp({ 'streams.partitions': '4' })
  const client = await app.follow('/v1/streams/orders?partition=0,2&event_type=order.created')
  const everything = await app.follow('/v1/streams/orders')
  for (let n = 0; n < 20; n += 1) await app.publish(order(`c${n}`))
  for (let n = 0; n < 20; n += 1) await app.publish({ event_type: 'order.updated', event_id: `u${n}`, data: {} })
  await until(() => everything.events.length === 40)
  const wanted = everything.events.filter(
    ({ type, data }) => type === 'order.created' && [0, 2].includes(data['partition'] as number),
  )
  await until(() => client.events.length >= wanted.length)
  expect(wanted.length).toBeGreaterThan(0)
  expect(client.events).toEqual(wanted)
})

test.each([
  ['/v1/streams/orders?last_event_id=garbage', 400, 'invalid_cursor'],
  ['/v1/streams/orders?last_event_id=EPOCH-zzzz', 400, 'invalid_cursor'],
  ['/v1/streams/orders?partition=8', 400, '/query/partition'],
  ['/v1/streams/orders?partition=x', 400, '/query/partition'],
  ['/v1/streams/orders?event_type=a,,b', 400, '/query/event_type'],
  ['/v1/streams/orders?format=xml', 400, '/query/format'],
  ['/v1/streams/orders?from=then', 400, '/query/from'],
  [`/v1/streams/orders?region=${'r'.repeat(257)}`, 400, '/query/region'],
  ['/v1/streams/orders?consumer_group=', 400, '/query/consumer_group'],
  ['/v1/streams/notifications', 400, '/query/channels'],
  ['/v1/streams/notifications?channels=orders,a%00b', 400, 'invalid_name'],
  ['/v1/streams/a%7Fb', 400, 'invalid_name'],
])('%s is refused with %i %s', async (path, status, reason) => {
  const app = await startStreamsApp()
  const url = path.replace('EPOCH', app.streams.tenant('public').epoch)
  const response = await app.app.inject({ url })
  expect(response.statusCode).toBe(status)
  expect(response.body).toContain(reason)
  expect(app.counted.streamsOpened).toBe(0)
})

test('unknown parameters and a region are accepted and ignored', async () => {
  const app = await startStreamsApp()
  const client = await app.follow('/v1/streams/orders?region=eu-west-1&_=123&foo=bar')
  expect(client.status).toBe(200)
})

test('HEAD tells the type and opens nothing', async () => {
  const app = await startStreamsApp()
  const response = await app.app.inject({
    method: 'HEAD',
    url: '/v1/streams/notifications?channels=orders&format=ndjson',
  })
  expect({ responseStatusCode: response.statusCode, headersContentType: response.headers['content-type'] }).toEqual({
    responseStatusCode: 200,
    headersContentType: 'application/x-ndjson; charset=utf-8',
  })
  expect(app.streams.openConnections).toBe(0)
})

test('no more streams, tenants or connections than allowed', async () => {
  const app = await startStreamsApp({ 'streams.connections': '1', 'streams.tenants': '2', 'streams.perTenant': '5' })
  await app.follow('/v1/streams/fifth')
  const connection = await app.app.inject({ url: '/v1/streams/orders' })
  expect({ connectionStatusCode: connection.statusCode, code: connection.json<{ code: string }>().code }).toEqual({
    connectionStatusCode: 503,
    code: 'too_many_connections',
  })
  expect(connection.headers['retry-after']).toBe('2')
  expect(app.counted.streamsRefused).toBe(1)

  const sixth = await app.publish({ event_type: 'sixth.x', event_id: 'a', data: {} })
  expect({ sixthStatus: sixth.status, sixthBodyCode: sixth.body['code'] }).toEqual({
    sixthStatus: 503,
    sixthBodyCode: 'too_many_streams',
  })
  expect((await app.publish(order('a'), { 'x-tenant-id': 'second' })).status).toBe(202)
  const third = await app.publish(order('a'), { 'x-tenant-id': 'third' })
  expect({ thirdStatus: third.status, thirdBodyCode: third.body['code'] }).toEqual({
    thirdStatus: 503,
    thirdBodyCode: 'too_many_tenants',
  })
})

test('a client that closes its side reads all that counts as delivered, and then the end', async () => {
  const app = await startStreamsApp()
  const client = await app.follow('/v1/streams/orders')
  for (let n = 0; n < 300; n += 1) {
    await app.publish(order(`e${n}`))
    if (n === 100) client.halfClose()
  }
  await until(() => client.ended)
  const [book] = app.counted.consumers
  expect(client.isComplete).toBe(true)
  expect(book?.ends).toEqual([{ reason: 'client', unsentFrames: expect.any(Number) as number }])
  expect(client.events.length).toBe(book?.deliveredFrames)
  expect(client.body.length).toBe(app.counted.bytesOut)
  expect({ streamsOpened: app.counted.streamsOpened, streamsEnded: app.counted.streamsEnded }).toEqual({
    streamsOpened: 1,
    streamsEnded: 1,
  })
  expect(app.streams.openConnections).toBe(0)
})

test('a client that vanishes ends its stream once', async () => {
  const app = await startStreamsApp()
  const client = await app.follow('/v1/streams/orders')
  client.vanish()
  await until(() => app.streams.openConnections === 0)
  await app.publish(order('a'))
  expect(app.counted.consumers[0]?.ends).toEqual([{ reason: 'client', unsentFrames: 0 }])
  expect(app.counted.streamsEnded).toBe(1)
})

test('a share of the streams is cut, and no more', async () => {
  const app = await startStreamsApp()
  const followers = await Promise.all(Array.from({ length: 8 }, () => app.follow('/v1/streams/orders')))
  const { random } = await import('../../../../core/random.ts')
  expect(app.streams.disconnect(0.25, random(7))).toBe(2)
  await until(() => followers.filter(({ ended }) => ended).length === 2)
  expect(app.streams.openConnections).toBe(6)
  expect(app.streams.disconnect(1, random(7))).toBe(6)
  expect(app.streams.openConnections).toBe(0)
})

test('stopping ends every stream properly and opens no more', async () => {
  const app = await startStreamsApp()
  const client = await app.follow('/v1/streams/orders')
  await app.publish(order('last'))
  app.streams.close('shutdown')
  await until(() => client.ended)
  expect(client.isComplete).toBe(true)
  expect(client.eventIds).toEqual(['last'])
  expect(app.counted.consumers[0]?.ends[0]?.reason).toBe('shutdown')
  expect((await app.app.inject({ url: '/v1/streams/orders' })).statusCode).toBe(503)
})
