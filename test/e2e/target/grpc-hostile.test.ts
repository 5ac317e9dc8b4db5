import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { status } from '@grpc/grpc-js'
import { expect, it, onTestFinished } from 'vitest'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'grpc.enabled': 'true' }
const QUOTE = '/loadcell.v1.Quotes/Get'

function sessionTo(target: TestTarget): ClientHttp2Session {
  const session = connect(target.url)
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

function open(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => {})
  return stream
}

/** Sends bytes, and returns the status of gRPC; undefined for a stream without one. */
async function statusAfter(stream: ClientHttp2Stream, bytes: Uint8Array, ends = true): Promise<number | undefined> {
  let found: string | undefined
  stream.on('trailers', trailers => (found = trailers['grpc-status'] as string))
  stream.resume()
  if (ends) stream.end(bytes)
  else stream.write(bytes)
  await once(stream, 'close')
  return found === undefined ? undefined : Number(found)
}

function prefixed(message: Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const bytes = Buffer.alloc(5 + message.length)
  bytes[0] = flag
  bytes.writeUInt32BE(length, 1)
  bytes.set(message, 5)
  return bytes
}

const nothing = new Uint8Array()

it.each([
  ['a message over the limit', prefixed(nothing, { length: 5_000_000 }), status.RESOURCE_EXHAUSTED],
  ['a compressed message', prefixed(Buffer.from('abc'), { flag: 1 }), status.UNIMPLEMENTED],
  ['a flag that does not exist', prefixed(Buffer.from('abc'), { flag: 7 }), status.INTERNAL],
  ['a message that ends early', prefixed(Buffer.from('abc'), { length: 10 }), status.INTERNAL],
  ['a prefix that ends early', Buffer.from([0, 0]), status.INTERNAL],
  ['no message', nothing, status.INTERNAL],
  ['two messages', Buffer.concat([prefixed(nothing), prefixed(nothing)]), status.INTERNAL],
  ['bytes that are no protocol buffers', prefixed(Buffer.from([0x0f, 0xff, 0xff])), status.INTERNAL],
])('answers %s, and counts the call', async (_what, bytes, expected) => {
  const target = await testTarget(on)
  expect(await statusAfter(open(sessionTo(target), QUOTE), bytes)).toBe(expected)
  const { operations } = await target.settledLedger()
  expect(operations).toMatchObject([{ operation: 'grpc.quote', arrivals: 1, statuses: { 200: 1 } }])
})

it('answers endless metadata, and a deadline that it cannot read', async () => {
  const target = await testTarget(on)
  const session = sessionTo(target)
  const long = { 'x-long': 'x'.repeat(20_000) }
  expect(await statusAfter(open(session, QUOTE, long), prefixed(nothing))).toBe(status.RESOURCE_EXHAUSTED)
  const soon = { 'grpc-timeout': 'soon' }
  expect(await statusAfter(open(session, QUOTE, soon), prefixed(nothing))).toBe(status.INVALID_ARGUMENT)
})

it('ends a call with more messages than it may have, and keeps what came before', async () => {
  const target = await testTarget({ ...on, 'grpc.messages': '3' })
  const stream = open(sessionTo(target), '/loadcell.v1.Events/PublishAll', {
    authorization: `Bearer ${await target.token()}`,
  })
  const many = Buffer.concat(Array.from({ length: 50 }, () => prefixed(nothing)))
  expect(await statusAfter(stream, many)).toBe(status.RESOURCE_EXHAUSTED)
  expect((await target.settledLedger()).events).toMatchObject({ received: 3, rejected: 3 })
})

it('ends calls whose clients fall silent', async () => {
  const target = await testTarget({ ...on, 'http.requestTimeout': '200ms' })
  const stream = open(sessionTo(target), QUOTE)
  expect(await statusAfter(stream, Buffer.from([0]), false)).toBe(status.DEADLINE_EXCEEDED)
})

it('ends a connection that gives up calls by the thousand, and counts it', async () => {
  const target = await testTarget({ ...on, 'http2.resets': '50' })
  const session = sessionTo(target)
  const goaway = once(session, 'goaway')
  for (let n = 0; n < 90; n += 1) {
    const stream = open(session, QUOTE)
    stream.close(constants.NGHTTP2_CANCEL)
  }
  expect((await goaway)[0]).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  const metrics = await (await fetch(`${target.url}/metrics`)).text()
  expect(metrics).toContain('loadcell_http2_connections_ended_total{reason="rapid_reset"} 1')
})

it('tells a connection how many streams it may have at once', async () => {
  const target = await testTarget({ ...on, 'http2.streams': '2' })
  const session = sessionTo(target)
  await once(session, 'remoteSettings')
  expect(session.remoteSettings.maxConcurrentStreams).toBe(2)
})

it('a client that never reads meets the slow-consumer policy, and everything is accounted for', async () => {
  const target = await testTarget({
    ...on,
    'streams.slowConsumer.budgetBytes': '100000',
    'streams.slowConsumer.policy': 'disconnect',
  })
  const stream = open(sessionTo(target), '/loadcell.v1.Events/Subscribe', {
    authorization: `Bearer ${await target.token('consumer')}`,
  })
  // Field 1: the name of a stream. Its answer is never read.
  stream.end(prefixed(Buffer.concat([Buffer.from([0x0a, 6]), Buffer.from('orders')])))
  await once(stream, 'response')
  const events = Array.from({ length: 200 }, (_, n) => ({
    event_type: 'order.created',
    event_id: `e-${n}`,
    data: { note: 'x'.repeat(5000) },
  }))
  for (let at = 0; at < events.length; at += 50) {
    await fetch(`${target.url}/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await target.token()}` },
      body: JSON.stringify({ stream: 'orders', events: events.slice(at, at + 50) }),
    })
  }
  const { streams } = await target.settledLedger()
  expect(streams.closed).toEqual({ slow_consumer: 1 })
  const [account] = streams.deliveries
  expect(account!.delivered + account!.unsent).toBe(account!.offered)
  expect(account!.unsent).toBeGreaterThan(0)
})

it('tells HTTP/2 from HTTP/1.1 by the first bytes, however they come', async () => {
  const target = await testTarget(on)
  const slow = connectTcp(target.port, '127.0.0.1')
  const closed = once(slow, 'close')
  let answer = ''
  slow.on('data', chunk => (answer += chunk.toString()))
  slow.write('P')
  await new Promise(resolve => setTimeout(resolve, 20))
  slow.write('OST /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  await closed
  expect(answer).toMatch(/^HTTP\/1.1 405/)
  expect(await target.raw('PRI nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
})

it.each(['', 'PRI * HT'])('cuts a connection that has said only %j', async part => {
  const target = await testTarget({ ...on, 'http.requestTimeout': '300ms' })
  const silent = connectTcp(target.port, '127.0.0.1')
  const closed = once(silent, 'close')
  silent.on('error', () => {})
  if (part !== '') silent.write(part)
  silent.resume()
  await closed
})

it('does not read on from a client that does not read its answers, and answers everything once it does', async () => {
  const target = await testTarget(on)
  const session = sessionTo(target)
  const stream = open(session, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo')
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', found => (trailers = found))
  stream.pause()
  // Field 4: the name of a symbol, whose file is described in some kilobytes.
  const symbol = 'loadcell.v1.Events'
  const question = prefixed(Buffer.concat([Buffer.from([0x22, symbol.length]), Buffer.from(symbol)]))
  const count = 3000
  stream.end(Buffer.concat(Array.from({ length: count }, () => question)))
  await once(stream, 'response')
  for (let n = 0; n < 20; n += 1) await new Promise(resolve => session.ping(resolve))
  const metrics = await (await fetch(`${target.url}/metrics`)).text()
  const outboxes = /loadcell_memory_used_bytes\{table="outboxes"\} (\d+)/.exec(metrics)
  expect(Number(outboxes?.[1]), 'bytes that wait').toBeLessThan(500_000)
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.resume()
  await once(stream, 'close')
  const bytes = Buffer.concat(chunks)
  let answers = 0
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) answers += 1
  expect(answers).toBe(count)
  expect(trailers['grpc-status']).toBe('0')
})

it('refuses a call in the syntax of HTTP/1.1 that claims to be HTTP/2, and goes on', async () => {
  const target = await testTarget(on)
  const call = 'Host: a\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\0\0\0\0\0'
  expect(await target.raw(`POST /grpc.health.v1.Health/Watch HTTP/2.0\r\n${call}`)).toMatch(
    /^HTTP\/1\.1 400 [^]*"code":"invalid_request"/,
  )
  expect((await fetch(`${target.url}/healthz`)).status).toBe(200)
})
