import { expect, test } from 'vitest'
import { startStreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, data: object = {}) => ({ event_type: 'order.created', event_id: id, data })

test('a publisher is told the position of its event', async () => {
  const app = await startStreamsApp()
  const first = await app.publish({ ...order('a'), partition_key: 'same' })
  const second = await app.publish({ ...order('b'), partition_key: 'same' })
  expect(first.status).toBe(202)
  expect(first.body).toEqual({
    event_id: 'a',
    stream: 'orders',
    partition: expect.any(Number) as number,
    offset: 0,
    accepted_at: expect.any(Number) as number,
  })
  expect(second.body).toMatchObject({ partition: first.body['partition'], offset: 1 })
  expect(app.counted.events).toEqual({ received: 2, accepted: 2, duplicate: 0, rejected: 0 })
})

test('a repeated event gets the position of the first, and is kept once', async () => {
  const app = await startStreamsApp()
  const first = await app.publish(order('a'))
  const again = await app.publish(order('a', { changed: true }))
  expect(again.status).toBe(202)
  expect(again.body).toEqual({ ...first.body, duplicate: true })
  expect(app.streams.events).toBe(1)
  expect((await app.publish(order('a'), { 'x-tenant-id': 'acme' })).body).not.toHaveProperty('duplicate')
  expect(app.counted.events).toEqual({ received: 3, accepted: 2, duplicate: 1, rejected: 0 })

  app.streams.clearMemory()
  expect((await app.publish(order('a'))).body).not.toHaveProperty('duplicate')
})

test.each([
  [{ event_id: 'a', data: {} }, 400, 'invalid_request', '/event_type'],
  [{ event_type: 'order.created', event_id: 7, data: {} }, 400, 'invalid_request', '/event_id'],
  [{ event_type: 'order.created', event_id: 'a', timestamp: -1, data: {} }, 400, 'invalid_request', '/timestamp'],
  [
    { event_type: 'order.created', event_id: 'a', partition_key: 2 ** 53, data: {} },
    400,
    'invalid_request',
    '/partition_key',
  ],
  [{ event_type: 'order.created', event_id: 'a', data: [] }, 400, 'invalid_request', '/data'],
  [{ event_type: 'bad\ntype', event_id: 'a', data: {} }, 400, 'invalid_name', '/event_type'],
  [order('a', { items: [{ quantity: 1 }, { quantity: 'two' }] }), 422, 'invalid_event', '/data/items/1/quantity'],
  [order('a', { total: -1 }), 422, 'invalid_event', '/data/total'],
  [{ event_type: 'reset', event_id: 'a', data: {} }, 422, 'invalid_event', '/event_type'],
])('%j is refused with %i %s at %s, and changes nothing', async (event, status, code, pointer) => {
  const app = await startStreamsApp()
  const response = await app.publish(event)
  expect(response.status).toBe(status)
  expect(response.body).toMatchObject({ code, errors: [{ pointer }] })
  expect(app.streams.events).toBe(0)
  expect(app.counted.events).toEqual({ received: 1, accepted: 0, duplicate: 0, rejected: 1 })
})

test('unknown types go to the stream of their family, or are refused if configured so', async () => {
  const open = await startStreamsApp()
  expect((await open.publish({ event_type: 'Ship.sent', event_id: 'a', data: {} })).body['stream']).toBe('ship')
  await open.close()
  const closed = await startStreamsApp({ 'events.unknownTypes': 'reject' })
  const response = await closed.publish({ event_type: 'ship.sent', event_id: 'a', data: {} })
  expect({ responseStatus: response.status, responseBodyCode: response.body['code'] }).toEqual({
    responseStatus: 422,
    responseBodyCode: 'unknown_event_type',
  })
})

test('bad events of a batch are refused one by one, with a pointer into each', async () => {
  const app = await startStreamsApp()
  await app.publish(order('known'))
  const response = await app.batch({
    compression: 'none',
    stream: 'returns',
    events: [
      order('a'),
      order('b', { items: [{ product_id: { deep: 'wrong' } }] }),
      'not an event',
      order('a'),
      order('known'),
      { event_type: 'parcel.back', event_id: 'c', data: {} },
      { event_id: 'no-type', data: {} },
    ],
  })
  expect(response.status).toBe(202)
  expect(response.body).toEqual({
    batch_id: expect.any(String) as string,
    accepted_count: 2,
    rejected_count: 3,
    duplicate_count: 2,
    rejected: [
      {
        index: 1,
        event_id: 'b',
        code: 'invalid_event',
        detail: expect.stringContaining('/data/items/0/product_id') as string,
      },
      { index: 2, code: 'invalid_request', detail: expect.stringContaining('expected an object') as string },
      {
        index: 6,
        event_id: 'no-type',
        code: 'invalid_request',
        detail: expect.stringContaining('/event_type') as string,
      },
    ],
  })
  expect(app.counted.events).toEqual({ received: 8, accepted: 3, duplicate: 2, rejected: 3 })
})

test('a batch is refused when all its events are, and accepted when all are repetitions', async () => {
  const app = await startStreamsApp()
  const refused = await app.batch({ events: [{}, order('a', { total: 'much' })] })
  expect(refused.status).toBe(422)
  expect(refused.headers['content-type']).toContain('application/problem+json')
  expect(refused.body).toMatchObject({
    code: 'batch_rejected',
    status: 422,
    batch_id: expect.any(String) as string,
    accepted_count: 0,
    rejected_count: 2,
    rejected: [{ index: 0 }, { index: 1, event_id: 'a' }],
  })
  await app.publish(order('a'))
  const repeated = await app.batch({ events: [order('a')] })
  expect({ repeatedStatus: repeated.status, repeatedBodyDuplicateCount: repeated.body['duplicate_count'] }).toEqual({
    repeatedStatus: 202,
    repeatedBodyDuplicateCount: 1,
  })
})

test.each([
  [{ events: [order('a'), order('b'), order('c')] }, 413, 'batch_too_large', 3],
  [{ events: [] }, 400, 'invalid_request', 0],
  [{ events: 'many' }, 400, 'invalid_request', 0],
  [{ events: [order('a')], compression: 'zip' }, 400, 'invalid_request', 1],
  [{ events: [order('a')], stream: 'not\u0007one' }, 400, 'invalid_name', 1],
])('the batch %j is refused whole with %i %s', async (body, status, code, events) => {
  const app = await startStreamsApp({ 'events.batchEvents': '2' })
  const response = await app.batch(body)
  expect({ responseStatus: response.status, responseBodyCode: response.body['code'] }).toEqual({
    responseStatus: status,
    responseBodyCode: code,
  })
  expect(app.streams.events).toBe(0)
  expect(app.counted.events).toEqual({ received: events, accepted: 0, duplicate: 0, rejected: events })
})

test('the same key and body get the first answer again, and nothing happens', async () => {
  const app = await startStreamsApp()
  const key = { 'idempotency-key': 'k' }
  const first = await app.batch({ events: [order('a')] }, key)
  const again = await app.batch({ events: [order('a')] }, key)
  expect(again.status).toBe(202)
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(first.headers).not.toHaveProperty('idempotent-replayed')
  expect(again.body).toEqual(first.body)
  expect(app.counted.events.received).toBe(1)

  const otherOperation = await app.publish(order('b'), key)
  const otherTenant = await app.batch({ events: [order('a')] }, { ...key, 'x-tenant-id': 'acme' })
  expect(otherOperation.headers).not.toHaveProperty('idempotent-replayed')
  expect(otherTenant.headers).not.toHaveProperty('idempotent-replayed')
})

test('a key with another body is a new request, or is refused in strict mode', async () => {
  const key = { 'idempotency-key': 'k' }
  const lenient = await startStreamsApp()
  await lenient.publish(order('a'), key)
  const second = await lenient.publish(order('b'), key)
  expect({ secondStatus: second.status, secondBodyEventId: second.body['event_id'] }).toEqual({
    secondStatus: 202,
    secondBodyEventId: 'b',
  })
  await lenient.close()

  const strict = await startStreamsApp({ 'events.idempotency': 'strict' })
  await strict.publish(order('a'), key)
  const refused = await strict.publish(order('b'), key)
  expect({ refusedStatus: refused.status, refusedBodyCode: refused.body['code'] }).toEqual({
    refusedStatus: 422,
    refusedBodyCode: 'idempotency_key_reused',
  })
  expect(strict.counted.events.received).toBe(1)
})

test('a refused request is not remembered under its key', async () => {
  const app = await startStreamsApp({ 'events.idempotency': 'strict' })
  const key = { 'idempotency-key': 'k' }
  expect((await app.publish(order('a', { total: 'much' }), key)).status).toBe(422)
  expect((await app.batch({ events: [{}] }, key)).status).toBe(422)
  expect((await app.publish(order('a'), key)).status).toBe(202)
  expect((await app.batch({ events: [order('b')] }, key)).status).toBe(202)
})
