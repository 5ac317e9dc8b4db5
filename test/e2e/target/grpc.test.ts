import { credentials, type Metadata, status } from '@grpc/grpc-js'
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import { describe, expect, it } from 'vitest'
import { protoFiles, protoFolder, protoOptions } from '../../../contract/grpc/services.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'grpc.enabled': 'true' }
const definitions = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] }) as unknown as Record<
  string,
  MessageTypeDefinition<object, object>
>
const EVENTS = 'loadcell.v1.Events'

const event = (id: string) => ({
  event_type: 'order.created',
  event_id: id,
  partition_key: id,
  data_json: '{"total":1}',
})

async function publishByRest(target: TestTarget, id: string): Promise<{ offset: number; partition: number }> {
  const answer = await fetch(`${target.url}/v1/events/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await target.token()}` },
    body: JSON.stringify({ event_type: 'order.created', event_id: id, partition_key: id, data: { total: 1 } }),
  })
  return (await answer.json()) as { offset: number; partition: number }
}

describe('gRPC with @grpc/grpc-js', () => {
  it('publishes over gRPC and REST, and follows both with the same offsets', async () => {
    const target = await testTarget(on)
    const publisher = new GrpcClient(target.url, await target.token())
    const follower = new GrpcClient(target.url, await target.token('consumer'))
    const events = follower.follow(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
    const { answer } = await publisher.unary(`${EVENTS}/Publish`, event('by-grpc'))
    expect(answer).toMatchObject({ event_id: 'by-grpc', stream: 'orders', duplicate: false })
    expect(await events.next()).toMatchObject({
      event: { stream: 'orders', partition: answer!['partition'], offset: answer!['offset'] },
    })
    const { partition, offset } = await publishByRest(target, 'by-rest')
    const second = await events.next()
    expect(second).toMatchObject({ event: { stream: 'orders', partition, offset, event_type: 'order.created' } })
    const { json } = second['event'] as { json: string }
    expect(JSON.parse(json)).toMatchObject({ event_id: 'by-rest', data: { total: 1 }, offset })
    events.call.cancel()
    await events.status
    const { streams, operations, events: counts } = await target.settledLedger()
    expect(streams.deliveries).toMatchObject([{ stream: 'orders', offered: 2, delivered: 2 }])
    expect(counts).toMatchObject({ received: 2, accepted: 2 })
    expect(operations.find(({ operation }) => operation === 'grpc.publish')).toMatchObject({
      arrivals: 1,
      statuses: { 200: 1 },
    })
  })

  it('streams events in, each on its own, and answers with their outcomes', async () => {
    const target = await testTarget(on)
    const client = new GrpcClient(target.url, await target.token())
    const { answer, status: ended } = await client.stream(`${EVENTS}/PublishAll`, [
      event('one'),
      event('one'),
      { ...event('two'), data_json: 'no JSON' },
      event('three'),
    ])
    expect(ended.code).toBe(0)
    expect(answer).toMatchObject({
      accepted_count: 2,
      duplicate_count: 1,
      rejected_count: 1,
      rejected: [{ index: 2, event_id: 'two', code: 'malformed_json' }],
    })
    const { events } = await target.settledLedger()
    expect(events).toMatchObject({ received: 4, accepted: 2, duplicate: 1, rejected: 1 })
  })

  it('resumes a stream at a cursor, and tells what a foreign cursor is', async () => {
    const target = await testTarget({ ...on, 'streams.partitions': '1' })
    const publisher = new GrpcClient(target.url, await target.token())
    const follower = new GrpcClient(target.url, await target.token('consumer'))
    for (const id of ['a', 'b', 'c']) await publisher.unary(`${EVENTS}/Publish`, event(id))
    const all = follower.follow(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
    const { cursor } = (await all.next())['event'] as { cursor: string }
    const rest = follower.follow(`${EVENTS}/Subscribe`, { streams: ['orders'], cursor })
    expect(await rest.next()).toMatchObject({ event: { offset: 1 } })
    const foreign = follower.follow(`${EVENTS}/Subscribe`, { streams: ['orders'], cursor: 'nonsense' })
    expect(await foreign.status).toMatchObject({ code: status.INVALID_ARGUMENT })
    all.call.cancel()
    rest.call.cancel()
  })

  it('speaks in a room with the same sequences as a WebSocket', async () => {
    const target = await testTarget(on)
    const socket = await NaiveSocket.open(`${target.url.replace('http', 'ws')}/ws/chat?token=demo-jwt-token-ben`)
    socket.send({ action: 'subscribe', channel: 'room:lobby' })
    await socket.next()
    const ana = new GrpcClient(target.url, 'demo-jwt-token-ana').converse('loadcell.v1.Chat/Converse')
    ana.say({ join: { channel: 'room:lobby' } })
    expect(await ana.heard.next()).toMatchObject({ joined: { members: 2, sequence: 0 } })
    ana.say({ say: { id: 'm-1', text: 'hello' } })
    expect(await ana.heard.next()).toMatchObject({ accepted: { id: 'm-1', sequence: 1 } })
    expect(await socket.next()).toMatchObject({ type: 'message_delivered', sequence: 1, message: { text: 'hello' } })
    socket.send({ action: 'publish', channel: 'room:lobby', message: { id: 'm-2', text: 'hi' } })
    const heard = await ana.heard.next()
    expect(heard).toMatchObject({ message: { channel: 'room:lobby', sequence: 2 } })
    ana.say({ say: { id: '' } })
    expect(await ana.heard.next()).toMatchObject({ refused: { code: 'invalid_request' } })
    ana.say({ history: { limit: 10 } })
    expect(await ana.heard.next()).toMatchObject({ history: { messages: [{ sequence: 1 }, { sequence: 2 }] } })
    ana.end()
    expect(await ana.heard.status).toMatchObject({ code: status.OK })
    await socket.close()
  })

  it('quotes symbols, once and for as long as a client follows', async () => {
    const target = await testTarget({ ...on, 'quotes.rate': '50' })
    const client = new GrpcClient(target.url)
    const { answer } = await client.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    expect(answer).toMatchObject({ symbol: 'NASDAQ:AAPL', sequence: 0 })
    const quotes = client.follow('loadcell.v1.Quotes/Follow', { symbols: ['NASDAQ:AAPL'], snapshot: true })
    expect(await quotes.next()).toMatchObject({ snapshot: { sequence: 0 } })
    expect(await quotes.next()).toMatchObject({ quote: { sequence: 1 } })
    quotes.call.cancel()
    const unknown = await client.unary('loadcell.v1.Quotes/Get', { symbol: 'NO:SUCH' })
    expect(unknown.status.code).toBe(status.NOT_FOUND)
  })

  it('says why it refuses, in details that clients can read', async () => {
    const target = await testTarget({
      ...on,
      'rateLimits.rules': JSON.stringify([
        { name: 'quotes', operations: ['grpc.quote'], by: 'user', requests: 1, per: '1m' },
      ]),
    })
    const guest = new GrpcClient(target.url)
    expect((await guest.unary(`${EVENTS}/Publish`, event('x'))).status.code).toBe(status.UNAUTHENTICATED)
    const reader = new GrpcClient(target.url, await target.token('consumer'))
    expect((await reader.unary(`${EVENTS}/Publish`, event('x'))).status.code).toBe(status.PERMISSION_DENIED)
    const writer = new GrpcClient(target.url, await target.token())
    const bad = await writer.unary(`${EVENTS}/Publish`, { ...event(''), event_type: '' })
    expect(bad.status.code).toBe(status.INVALID_ARGUMENT)
    expect(detailsOf(bad.trailers)['google.rpc.BadRequest']).toMatchObject({
      field_violations: expect.arrayContaining([expect.objectContaining({ field: '/event_id' })]) as unknown,
    })
    await guest.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    const limited = await guest.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    expect(limited.status.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(detailsOf(limited.trailers)).toMatchObject({
      'google.rpc.ErrorInfo': { reason: 'rate_limited', domain: 'loadcell' },
      'google.rpc.RetryInfo': { retry_delay: { seconds: 60 } },
    })
    expect(limited.trailers.get('grpc-retry-pushback-ms')).toEqual(['60000'])
    expect((await target.settledLedger()).grpc).toEqual([
      {
        operation: 'grpc.publish',
        statuses: { UNAUTHENTICATED: 1, PERMISSION_DENIED: 1, INVALID_ARGUMENT: 1 },
      },
      { operation: 'grpc.quote', statuses: { OK: 1, RESOURCE_EXHAUSTED: 1 } },
    ])
  })

  it('serves a repeated idempotency key once', async () => {
    const target = await testTarget({ ...on, 'events.idempotency': 'strict' })
    const client = new GrpcClient(target.url, await target.token())
    const metadata = { 'idempotency-key': 'key-1' }
    const first = await client.unary(`${EVENTS}/Publish`, event('once'), { metadata })
    const again = await client.unary(`${EVENTS}/Publish`, event('once'), { metadata })
    expect(again.answer).toEqual(first.answer)
    expect(again.headers?.get('idempotent-replayed')).toEqual(['true'])
    const other = await client.unary(`${EVENTS}/Publish`, event('other'), { metadata })
    expect(other).toMatchObject({ answer: undefined, status: { code: status.INVALID_ARGUMENT } })
    expect((await target.settledLedger()).events).toMatchObject({ received: 1, accepted: 1 })
  })

  it('ends a stream at its deadline, and refuses a call whose deadline has passed', async () => {
    const target = await testTarget(on)
    const client = new GrpcClient(target.url, await target.token('consumer'))
    const quotes = client.follow('loadcell.v1.Quotes/Follow', { symbols: ['NASDAQ:AAPL'] }, { deadlineMs: 150 })
    expect(await quotes.status).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    const late = await client.unary(
      'loadcell.v1.Quotes/Get',
      { symbol: 'NASDAQ:AAPL' },
      { metadata: { 'grpc-timeout': '0n' } },
    )
    expect(late.status.code).toBe(status.DEADLINE_EXCEEDED)
    const { streams } = await target.settledLedger()
    expect(streams.closed).toEqual({ client: 1 })
  })

  it('keeps the traces and runs of its clients', async () => {
    const target = await testTarget({ ...on, 'ledger.details': 'true' })
    const client = new GrpcClient(target.url)
    const trace = '0af7651916cd43dd8448eb211c80319c'
    await client.unary(
      'loadcell.v1.Quotes/Get',
      { symbol: 'NASDAQ:AAPL' },
      { metadata: { traceparent: `00-${trace}-b7ad6b7169203331-01`, 'x-loadcell-run': 'mine' } },
    )
    const { operations, slowest } = await target.settledLedger('mine')
    expect(operations).toMatchObject([{ operation: 'grpc.quote', arrivals: 1, statuses: { 200: 1 } }])
    expect(slowest).toMatchObject([{ trace }])
  })

  it('tells whether it serves, and when it stops', async () => {
    const target = await testTarget(on)
    const client = new GrpcClient(target.url)
    const whole = await client.unary('grpc.health.v1.Health/Check', { service: '' })
    expect(whole.answer).toEqual({ status: 'SERVING' })
    const unknown = await client.unary('grpc.health.v1.Health/Check', { service: 'no.Such' })
    expect(unknown.status.code).toBe(status.NOT_FOUND)
    const none = client.follow('grpc.health.v1.Health/Watch', { service: 'no.Such' })
    expect(await none.next()).toEqual({ status: 'SERVICE_UNKNOWN' })
    none.call.cancel()
    const watched = client.follow('grpc.health.v1.Health/Watch', { service: EVENTS })
    expect(await watched.next()).toEqual({ status: 'SERVING' })
    const closed = target.close()
    expect(await watched.next()).toEqual({ status: 'NOT_SERVING' })
    expect(await watched.status).toMatchObject({ code: status.UNAVAILABLE })
    await closed
  })

  it('describes its services in both versions of reflection, unless it is off', async () => {
    const target = await testTarget(on)
    const client = new GrpcClient(target.url)
    for (const version of ['v1', 'v1alpha']) {
      const asked = client.converse(`grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`)
      asked.say({ list_services: '' })
      const { list_services_response: list } = (await asked.heard.next()) as {
        list_services_response: { service: { name: string }[] }
      }
      expect(list.service.map(({ name }) => name)).toContain(EVENTS)
      asked.say({ file_containing_symbol: `${EVENTS}.Publish` })
      expect(await asked.heard.next()).toHaveProperty('file_descriptor_response')
      asked.say({ file_containing_symbol: 'no.such.Symbol' })
      expect(await asked.heard.next()).toMatchObject({ error_response: { error_code: status.NOT_FOUND } })
      asked.end()
      expect(await asked.heard.status).toMatchObject({ code: status.OK })
    }
    const silent = await testTarget({ ...on, 'grpc.reflection': 'false' })
    const refused = new GrpcClient(silent.url).converse('grpc.reflection.v1.ServerReflection/ServerReflectionInfo')
    refused.say({ list_services: '' })
    expect(await refused.heard.status).toMatchObject({ code: status.UNIMPLEMENTED })
  })

  it('serves the same over TLS', async () => {
    const target = await testTarget({ ...on, 'tls.enabled': 'true' })
    const ssl = credentials.createSsl(Buffer.from(target.tls!.trusted))
    const client = new GrpcClient(target.url, undefined, ssl)
    const { answer } = await client.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    expect(answer).toMatchObject({ symbol: 'NASDAQ:AAPL' })
  })

  it('refuses what is not gRPC as the REST API does, and everything while it is off', async () => {
    const target = await testTarget(on)
    const json = await fetch(`${target.url}/loadcell.v1.Quotes/Get`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(json.status).toBe(415)
    const old = await fetch(`${target.url}/loadcell.v1.Quotes/Get`, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc' },
      body: new Uint8Array(5),
    })
    expect([old.status, ((await old.json()) as { code: string }).code]).toEqual([415, 'unsupported_media_type'])
    const off = await testTarget({ 'tls.enabled': 'true' })
    const client = new GrpcClient(off.url, undefined, credentials.createSsl(Buffer.from(off.tls!.trusted)))
    const refused = await client.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    expect(refused.status.code).toBe(status.UNIMPLEMENTED)
  })
})

/** The details of a status by the names of their types. */
function detailsOf(trailers: Metadata): Record<string, object> {
  const read = (name: string) => definitions[name]!.deserialize
  const [bytes] = trailers.get('grpc-status-details-bin') as Buffer[]
  const { details } = read('google.rpc.Status')(bytes!) as { details: { type_url: string; value: Buffer }[] }
  return Object.fromEntries(
    details.map(({ type_url: url, value }) => {
      const name = url.slice(url.lastIndexOf('/') + 1)
      return [name, read(name)(value)]
    }),
  )
}
