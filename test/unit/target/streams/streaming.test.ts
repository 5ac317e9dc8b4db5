import { afterEach, expect, test } from 'vitest'
import { StreamClient, type StreamClientOptions, until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

let open: StreamsApp | undefined
const clients: StreamClient[] = []

async function start(flags?: Record<string, string>): Promise<StreamsApp> {
  open = await startStreamsApp(flags)
  return open
}

/** Follows a path, and waits until the stream is open or refused. */
async function follow(app: StreamsApp, path: string, options?: StreamClientOptions): Promise<StreamClient> {
  const client = new StreamClient(app.port, path, options)
  clients.push(client)
  await until(() => client.status !== 0)
  return client
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.vanish()
  await open?.close()
  open = undefined
})

const order = (id: string, more: object = {}) => ({ event_type: 'order.created', event_id: id, data: {}, ...more })
const price = (id: string) => ({ event_type: 'price.changed', event_id: id, data: {} })

test('a stream begins with its head and the retry time, then carries each event with its place', async () => {
  const app = await start({ 'streams.retry': '2s' })
  const client = await follow(app, '/v1/streams/orders')
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
  const app = await start()
  const byQuery = await follow(app, '/v1/streams/notifications?channels=orders,pricing&format=ndjson')
  const byHeader = await follow(app, '/v1/streams/notifications?channels=orders,pricing,orders', {
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
  const app = await start()
  const client = await follow(app, '/v1/streams/returns', { headers: { 'x-tenant-id': 'acme' } })
  await app.batch({ stream: 'returns', events: [{ event_type: 'x.y', event_id: 'public', data: {} }] })
  await app.batch(
    { stream: 'returns', events: [{ event_type: 'x.y', event_id: 'acme', data: {} }] },
    { 'x-tenant-id': 'acme' },
  )
  await until(() => client.events.length === 1)
  expect(client.eventIds).toEqual(['acme'])
})

test('filters by partition and by type keep the rest away', async () => {
  const app = await start({ 'streams.partitions': '4' })
  const client = await follow(app, '/v1/streams/orders?partition=0,2&event_type=order.created')
  const everything = await follow(app, '/v1/streams/orders')
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

test('a reconnecting client goes on exactly after its cursor, also on a merge and with a cursor of another stream', async () => {
  const app = await start()
  for (const id of ['a', 'b', 'c']) {
    await app.publish(order(id))
    await app.publish(price(`${id}-price`))
  }
  const all = await follow(app, '/v1/streams/notifications?channels=orders,pricing&from=earliest')
  await until(() => all.events.length === 6)
  const cursor = all.events.find(({ data }) => data['event_id'] === 'a-price')?.id as string

  const byHeader = await follow(app, '/v1/streams/orders', { headers: { 'last-event-id': cursor } })
  const byQuery = await follow(app, `/v1/streams/notifications?channels=orders,pricing&last_event_id=${cursor}`)
  await app.publish(order('d'))
  await until(() => byHeader.events.length === 3 && byQuery.events.length === 5)
  expect(byHeader.eventIds).toEqual(['b', 'c', 'd'])
  expect(byQuery.eventIds).toEqual(['b', 'b-price', 'c', 'c-price', 'd'])
  expect(app.counted.consumers.map(({ how }) => how)).toEqual(['live', 'resumed', 'resumed'])
})

test('what retention took is said before what is left', async () => {
  const app = await start({ 'streams.historyEvents': '2' })
  await app.publish(order('a'))
  const first = await follow(app, '/v1/streams/orders?from=earliest')
  await until(() => first.events.length === 1)
  for (const id of ['b', 'c', 'd', 'e']) await app.publish(order(id))

  const headers = { 'last-event-id': first.events[0]?.id as string }
  const client = await follow(app, '/v1/streams/notifications?channels=orders,pricing', { headers })
  await until(() => client.events.length === 2)
  expect(client.frames[0]).toMatchObject({
    type: 'reset',
    data: { reason: 'retention', lost: [{ stream: 'orders', count: 2 }] },
  })
  expect(client.eventIds).toEqual(['d', 'e'])
  expect(app.counted.consumers.at(-1)?.how).toBe('reset')
})

test('a reset ends all streams; cursors from before it are answered with a reset of the epoch', async () => {
  const app = await start()
  const before = await follow(app, '/v1/streams/orders')
  await app.publish(order('a'))
  await until(() => before.events.length === 1)
  app.streams.reset()
  await until(() => before.ended)
  expect(before.isComplete).toBe(true)
  expect(app.counted.consumers[0]?.ends).toEqual([{ reason: 'control', unsentFrames: 0 }])
  expect(app.streams.events).toBe(0)

  await app.publish(order('b'))
  const after = await follow(app, '/v1/streams/orders', {
    headers: { 'last-event-id': before.events[0]?.id as string },
  })
  await app.publish(order('c'))
  await until(() => after.events.length === 2)
  expect(after.frames[0]).toMatchObject({ type: 'reset', data: { reason: 'epoch_changed', lost: 'unknown' } })
  expect(after.eventIds).toEqual(['b', 'c'])
})

test.each([
  ['/v1/streams/orders?last_event_id=garbage', 400, 'invalid_cursor'],
  ['/v1/streams/orders?last_event_id=EPOCH-zzzz', 400, 'invalid_cursor'],
  ['/v1/streams/orders?partition=8', 400, '/query/partition'],
  ['/v1/streams/orders?partition=x', 400, '/query/partition'],
  ['/v1/streams/orders?event_type=a,,b', 400, '/query/event_type'],
  ['/v1/streams/orders?format=xml', 400, '/query/format'],
  ['/v1/streams/orders?from=then', 400, '/query/from'],
  [`/v1/streams/orders?region=${'r'.repeat(65)}`, 400, '/query/region'],
  ['/v1/streams/orders?consumer_group=g', 400, '/query/consumer_group'],
  ['/v1/streams/notifications', 400, '/query/channels'],
  ['/v1/streams/notifications?channels=orders,NOT%20ONE', 404, 'unknown_stream'],
  ['/v1/streams/Orders', 404, 'unknown_stream'],
])('%s is refused with %i %s', async (path, status, reason) => {
  const app = await start()
  const url = path.replace('EPOCH', app.streams.tenant('public').epoch)
  const response = await app.app.inject({ url })
  expect(response.statusCode).toBe(status)
  expect(response.body).toContain(reason)
  expect(app.counted.streamsOpened).toBe(0)
})

test('unknown parameters and a region are nobody’s business', async () => {
  const app = await start()
  const client = await follow(app, '/v1/streams/orders?region=eu-west-1&_=123&foo=bar')
  expect(client.status).toBe(200)
})

test('HEAD tells the type and opens nothing', async () => {
  const app = await start()
  const response = await app.app.inject({
    method: 'HEAD',
    url: '/v1/streams/notifications?channels=orders&format=ndjson',
  })
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
  expect(app.streams.openConnections).toBe(0)
})

test('no more streams, tenants or connections than allowed', async () => {
  const app = await start({ 'streams.connections': '1', 'streams.tenants': '2', 'streams.perTenant': '5' })
  await follow(app, '/v1/streams/fifth')
  const connection = await app.app.inject({ url: '/v1/streams/orders' })
  expect([connection.statusCode, connection.json<{ code: string }>().code]).toEqual([503, 'too_many_connections'])
  expect(connection.headers['retry-after']).toBe('2')
  expect(app.counted.streamsRefused).toBe(1)

  const sixth = await app.publish({ event_type: 'sixth.x', event_id: 'a', data: {} })
  expect([sixth.status, sixth.body['code']]).toEqual([503, 'too_many_streams'])
  expect((await app.publish(order('a'), { 'x-tenant-id': 'second' })).status).toBe(202)
  const third = await app.publish(order('a'), { 'x-tenant-id': 'third' })
  expect([third.status, third.body['code']]).toEqual([503, 'too_many_tenants'])
})

test('a client that closes its side reads all that counts as delivered, and then the end', async () => {
  const app = await start()
  const client = await follow(app, '/v1/streams/orders')
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
  expect([app.counted.streamsOpened, app.counted.streamsEnded]).toEqual([1, 1])
  expect(app.streams.openConnections).toBe(0)
})

test('a client that vanishes ends its stream once', async () => {
  const app = await start()
  const client = await follow(app, '/v1/streams/orders')
  client.vanish()
  await until(() => app.streams.openConnections === 0)
  await app.publish(order('a'))
  expect(app.counted.consumers[0]?.ends).toEqual([{ reason: 'client', unsentFrames: 0 }])
  expect(app.counted.streamsEnded).toBe(1)
})

test('a share of the streams is cut, and no more', async () => {
  const app = await start()
  const followers = await Promise.all(Array.from({ length: 8 }, () => follow(app, '/v1/streams/orders')))
  const { random } = await import('../../../../core/random.ts')
  expect(app.streams.disconnect(0.25, random(7))).toBe(2)
  await until(() => followers.filter(({ ended }) => ended).length === 2)
  expect(app.streams.openConnections).toBe(6)
  expect(app.streams.disconnect(1, random(7))).toBe(6)
  expect(app.streams.openConnections).toBe(0)
})

test('stopping ends every stream properly and opens no more', async () => {
  const app = await start()
  const client = await follow(app, '/v1/streams/orders')
  await app.publish(order('last'))
  app.streams.close('shutdown')
  await until(() => client.ended)
  expect(client.isComplete).toBe(true)
  expect(client.eventIds).toEqual(['last'])
  expect(app.counted.consumers[0]?.ends[0]?.reason).toBe('shutdown')
  expect((await app.app.inject({ url: '/v1/streams/orders' })).statusCode).toBe(503)
})

/** Appends events of 4 KB past the routes: more than the kernel holds for a client that does not read. */
function appendMany(app: StreamsApp, from: number, to: number): void {
  const tenant = app.streams.tenant('public')
  const filler = 'x'.repeat(4000)
  for (let n = from; n < to; n += 1) tenant.append(order(`e${n}`, { filler }), tenant.stream('orders'), Date.now())
}

/** Starts a replay to a client that does not read, and waits until the kernel has taken what it takes. */
async function stalledReplay(app: StreamsApp): Promise<StreamClient> {
  const client = new StreamClient(app.port, '/v1/streams/orders?from=earliest', { paused: true })
  clients.push(client)
  await until(() => app.counted.consumers.length === 1)
  let [deliveredFrames, quietPolls] = [0, 0]
  await until(() => {
    const nowDelivered = app.counted.consumers[0]?.deliveredFrames ?? 0
    quietPolls = nowDelivered === deliveredFrames ? quietPolls + 1 : 0
    deliveredFrames = nowDelivered
    return quietPolls === 20
  })
  return client
}

test('a long history is replayed whole to a client with a small budget, also when it pauses', async () => {
  const app = await start({ 'streams.slowConsumer.budgetBytes': '8192' })
  appendMany(app, 0, 3000)
  const client = await stalledReplay(app)
  const [book] = app.counted.consumers
  expect(book?.deliveredFrames).toBeLessThan(3000)
  client.socket.resume()
  await until(() => client.socket.bytesRead > 3000 * 4000 && client.body.includes('"event_id":"e2999"'))
  expect(client.eventIds).toEqual(Array.from({ length: 3000 }, (_, n) => `e${n}`))
  expect(book).toMatchObject({ deliveredFrames: 3000, droppedFrames: 0, ends: [] })
})

test('a client that reads its replay more slowly than retention takes it away is told what it missed', async () => {
  const app = await start({ 'streams.slowConsumer.budgetBytes': '8192', 'streams.historyEvents': '3000' })
  appendMany(app, 0, 3000)
  const client = await stalledReplay(app)
  const delivered = app.counted.consumers[0]?.deliveredFrames ?? 0
  appendMany(app, 3000, 5990)
  client.socket.resume()
  // One event more once it is live: nothing may be missing in between.
  await until(() => app.counted.consumers[0]?.deliveredFrames === delivered + 3000)
  appendMany(app, 5990, 5991)
  await until(() => client.socket.bytesRead > (delivered + 3000) * 4000 && client.body.includes('"event_id":"e5990"'))
  const resets = client.frames.filter(({ type }) => type === 'reset')
  const missed = 2990 - delivered
  expect(resets.map(({ data }) => data['lost'])).toEqual([[{ stream: 'orders', count: missed }]])
  const kept = Array.from({ length: 5991 }, (_, n) => n).filter(n => n < delivered || n >= delivered + missed)
  expect(client.eventIds).toEqual(kept.map(n => `e${n}`))
})
