import { beforeEach, describe, expect, it } from 'vitest'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { RawSocket } from '../../support/raw-socket.ts'
import { until } from '../../support/stream-client.ts'
import { closed, headerOf, rawExchange } from '../../support/raw-exchange.ts'
import { faultyTarget, injecting, untilUnderWay } from './faulty.ts'
import { connectTo, operation } from './support.ts'

const target = await faultyTarget({
  wait: { type: 'delay', distribution: '40ms' },
  late: { type: 'delay', at: 'before_first_byte', distribution: '40ms' },
  down: { type: 'status', status: 503, retryAfter: '1s' },
  lost: { type: 'status', status: 503, at: 'after_handler' },
  reset: { type: 'reset' },
  torn: { type: 'reset', at: 'after_handler' },
  hang: { type: 'hang' },
  minutes: { type: 'delay', distribution: '10m' },
  slow: { type: 'dribble', bytesPerSecond: 100 },
})
const token = await target.token('consumer')
const QUOTES = '/ws/quotes'
const ORDERS = '/v1/streams/orders'
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

beforeEach(async () => {
  await fetch(`${target.url}/_loadcell/reset?what=ledger`, { method: 'POST' })
})

const handshake = (fault: string) => rawExchange(target.port, QUOTES, { headers: { ...upgrade, ...injecting(fault) } })
const opening = (fault: string) =>
  rawExchange(target.port, ORDERS, { headers: { authorization: `Bearer ${token}`, ...injecting(fault) } })
const account = async (name: 'sockets.quotes' | 'streams.read') => operation(await target.settledLedger(), name)

describe.each([
  ['the handshake of a WebSocket', 'sockets.quotes', handshake],
  ['the opening of a stream', 'streams.read', opening],
] as const)('%s', (_, name, open) => {
  it.each(['down', 'lost'])('is refused with a status: %s', async fault => {
    const answer = await open(fault)
    expect(answer.status).toBe(503)
    expect(answer.errorCode).toBeUndefined()
    if (fault === 'down') expect(headerOf(answer, 'retry-after')).toBe('1')
    const report = await target.settledLedger()
    expect(operation(report, name)).toMatchObject({ statuses: { 503: 1 }, cut: 0, aborted: 0 })
    expect({ opened: report.streams.opened, endpointsLength: report.sockets.endpoints.length }).toEqual({
      opened: 0,
      endpointsLength: 0,
    })
  })

  it.each(['reset', 'torn'])('is cut with a RST: %s', async fault => {
    expect(await open(fault)).toMatchObject({ errorCode: 'ECONNRESET', head: '' })
    expect(await account(name)).toMatchObject({ arrivals: 1, cut: 1, aborted: 0, unanswered: 1 })
  })
})

describe.each(['hang', 'minutes'])('a client that gives up while it is kept waiting: %s', fault => {
  it.each([
    ['sockets.quotes', QUOTES, upgrade],
    ['streams.read', ORDERS, { authorization: `Bearer ${token}` }],
  ] as const)('is heard leaving, with a FIN and with a RST: %s', async (name, path, own) => {
    const lines = Object.entries({ host: 'a', ...own, ...injecting(fault) }).map(
      ([key, value]) => `${key}: ${value}\r\n`,
    )
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const socket = connectTo(target.port)
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
      await untilUnderWay(target.url, 1)
      const gone = closed(socket)
      socket[leave]()
      await gone
      await untilUnderWay(target.url, 0)
    }
    expect(await account(name)).toMatchObject({ arrivals: 2, aborted: 2, cut: 0, unanswered: 2 })
  })
})

describe('a delay', () => {
  it.each(['wait', 'late'])('comes before the handshake, and the socket works: %s', async fault => {
    const startedAt = performance.now()
    const socket = await RawSocket.open(target.port, QUOTES, injecting(fault))
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40)
    expect(socket.status).toBe(101)
    socket.send(JSON.stringify({ op: 'subscribe', streams: ['quotes.NASDAQ:AAPL'] }))
    await until(() => socket.texts.length > 0)
    expect(socket.texts[0]).toMatchObject({ op: 'subscribed' })
    socket.socket.destroy()
    await target.settledLedger()
  })

  it('takes no byte from a client that talks before it was let in', async () => {
    const socket = new RawSocket(target.port, '')
    const lines = Object.entries({ host: 'a', ...upgrade, ...injecting('wait') }).map(
      ([key, value]) => `${key}: ${value}\r\n`,
    )
    socket.socket.write(`GET ${QUOTES} HTTP/1.1\r\n${lines.join('')}\r\n`)
    socket.send(JSON.stringify({ op: 'subscribe', streams: ['quotes.NASDAQ:AAPL'] }))
    await until(() => socket.status === 101 && socket.texts.length > 0)
    expect(socket.texts[0]).toMatchObject({ op: 'subscribed' })
    socket.socket.destroy()
    await target.settledLedger()
  })

  it.each(['wait', 'late'])('comes before the head of a stream: %s', async fault => {
    const startedAt = performance.now()
    const leave = new AbortController()
    const headers = { authorization: `Bearer ${token}`, ...injecting(fault) }
    const answer = await fetch(`${target.url}${ORDERS}`, { headers, signal: leave.signal })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40)
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    leave.abort()
    await target.settledLedger()
  })
})

it('does not keep the target from stopping', async () => {
  const rules = [{ id: 'minutes', fault: { type: 'delay', distribution: '10m' } }]
  const flags = {
    'http.port': '0',
    'log.level': 'silent',
    'http.drainTimeout': '50ms',
    'faults.rules': JSON.stringify(rules),
  }
  const stopping = await startTarget(loadConfiguration({ env: {}, flags }))
  const port = Number(new URL(stopping.url).port)
  const waiting = [rawExchange(port, QUOTES, { headers: upgrade }), rawExchange(port, '/products/7')]
  await untilUnderWay(stopping.url, 2)
  await stopping.close()
  expect(await Promise.all(waiting)).toMatchObject([{ head: '' }, { head: '' }])
})

it('leaves the body of a stream to the faults of streams', async () => {
  const leave = new AbortController()
  const headers = { authorization: `Bearer ${token}`, ...injecting('slow') }
  const answer = await fetch(`${target.url}${ORDERS}`, { headers, signal: leave.signal })
  expect(answer.status).toBe(200)
  leave.abort()
  expect(await account('streams.read')).toMatchObject({ statuses: { 200: 1 }, cut: 0 })
})
