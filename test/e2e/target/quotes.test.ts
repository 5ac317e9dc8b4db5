import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { Quote } from '../../../contract/sockets/quotes.ts'
import { symbols } from '../../../target/domain/quotes/symbols.ts'
import { NaiveSocket, type Received } from '../../support/naive-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const AAPL = 'quotes.NASDAQ:AAPL'
const IBM = 'quotes.NYSE:IBM'

const enter = (target: TestTarget) => NaiveSocket.open(`${target.url}/ws/quotes?clientId=c-1&format=json`)

async function take(socket: NaiveSocket, count: number): Promise<(Quote & { type: string })[]> {
  const frames: Received[] = []
  while (frames.length < count) frames.push(await socket.next())
  return frames as unknown as (Quote & { type: string })[]
}

describe('quotes', () => {
  it('confirm a subscription, send a snapshot of each symbol, and then follow without gaps', async () => {
    const socket = await enter(await testTarget())
    const streams = [AAPL, IBM, AAPL]
    expect(await socket.ask({ op: 'subscribe', streams, snapshot: true })).toEqual({ op: 'subscribed', streams })
    const snapshots = await take(socket, 2)
    expect(snapshots).toMatchObject([
      { type: 'snapshot', symbol: 'NASDAQ:AAPL', sequence: 0 },
      { type: 'snapshot', symbol: 'NYSE:IBM', sequence: 0 },
    ])
    expect(snapshots[0]).toEqual({
      type: 'snapshot',
      symbol: 'NASDAQ:AAPL',
      bid: expect.any(Number) as number,
      ask: expect.any(Number) as number,
      last: expect.any(Number) as number,
      volume: 0,
      sequence: 0,
      ts: expect.any(Number) as number,
    })
    const quotes = await take(socket, 20)
    for (const symbol of ['NASDAQ:AAPL', 'NYSE:IBM']) {
      const own = quotes.filter(quote => quote.symbol === symbol)
      expect(own.map(({ type, sequence }) => [type, sequence])).toEqual(own.map((_, index) => ['quote', index + 1]))
    }
  })

  it('are the same for the same seed, whatever clients follow', async () => {
    const walks: unknown[] = []
    for (const streams of [[AAPL], [IBM, AAPL]]) {
      const socket = await enter(await testTarget({ seed: '7', 'quotes.rate': '100' }))
      await socket.ask({ op: 'subscribe', streams })
      const quotes = await take(socket, 24)
      const own = quotes.filter(({ symbol }) => symbol === 'NASDAQ:AAPL').slice(0, 5)
      walks.push(own.map(({ bid, ask, last, volume, sequence }) => ({ bid, ask, last, volume, sequence })))
    }
    expect(walks[0]).toHaveLength(5)
    expect(walks[0]).toEqual(walks[1])
  })

  it('are the same for all followers of a symbol', async () => {
    const target = await testTarget()
    const [one, two] = [await enter(target), await enter(target)]
    await one.ask({ op: 'subscribe', streams: [AAPL] })
    const [first] = await take(one, 1)
    await two.ask({ op: 'subscribe', streams: [AAPL] })
    const seenByTwo = await take(two, 3)
    expect(seenByTwo[0]?.sequence).toBeGreaterThan(first?.sequence ?? 0)
    const seenByOne = await take(one, (seenByTwo.at(-1)?.sequence ?? 0) - 1)
    expect(seenByOne.slice(-3)).toEqual(seenByTwo)
  })

  it('end when they are unsubscribed from', async () => {
    const socket = await enter(await testTarget({ 'quotes.rate': '200' }))
    await socket.ask({ op: 'subscribe', streams: [AAPL, IBM] })
    await take(socket, 5)
    socket.send({ op: 'unsubscribe', streams: [AAPL] })
    while ((await socket.next())['op'] !== 'unsubscribed');
    for (const { symbol } of await take(socket, 50)) expect(symbol).toBe('NYSE:IBM')
    socket.send({ op: 'unsubscribe', streams: [AAPL, IBM] })
    while ((await socket.next())['op'] !== 'unsubscribed');
    expect(await socket.ask({ op: 'ping', ts: 5 })).toEqual({
      op: 'pong',
      ts: 5,
      server_ts: expect.any(Number) as number,
    })
  })

  it('reject an unknown symbol together with its whole frame', async () => {
    const socket = await enter(await testTarget())
    expect(await socket.ask({ op: 'subscribe', streams: [AAPL, 'quotes.NASDAQ:NOPE'], snapshot: true })).toEqual({
      type: 'error',
      code: 'unknown_symbol',
      detail: 'expected a symbol such as NASDAQ:AAPL or NYSE:IBM, got NASDAQ:NOPE',
      in_reply_to: 'subscribe',
    })
    expect(await socket.ask({ op: 'unsubscribe', streams: ['quotes.?'] })).toMatchObject({ code: 'unknown_symbol' })
    expect(await socket.ask({ op: 'subscribe', streams: ['NASDAQ:AAPL'] })).toMatchObject({ code: 'invalid_request' })
    expect(await socket.ask({ op: 'subscribe', streams: [] })).toMatchObject({ code: 'invalid_request' })
    expect(await socket.ask({ op: 'trade' })).toMatchObject({ code: 'unknown_action' })
    const ts = '2026-01-01T00:00:00Z'
    expect(await socket.ask({ op: 'ping', ts })).toMatchObject({ op: 'pong', ts })
  })

  it('accept the symbol names that scripts use', async () => {
    const socket = await enter(await testTarget({ 'quotes.rate': '0' }))
    const names = ['NASDAQ:SPY', 'AMEX:SPY', 'NASDAQ:QQQ', 'NYSE:AAPL', 'NASDAQ:IBM', 'CRYPTO:BTC-USD', 'FOREX:EUR/USD']
    const streams = names.map(name => `quotes.${name}`)
    expect(await socket.ask({ op: 'subscribe', streams, snapshot: true, format: 'json' })).toEqual({
      op: 'subscribed',
      streams,
    })
    expect((await take(socket, names.length)).map(({ symbol }) => symbol)).toEqual(names)
  })

  it('accept null, a second subscription, and unsubscribing from a symbol that was not followed', async () => {
    const socket = await enter(await testTarget({ 'quotes.rate': '0' }))
    const streams = [AAPL]
    for (const op of ['unsubscribe', 'subscribe', 'subscribe', 'unsubscribe']) {
      expect(await socket.ask({ op, streams, snapshot: null, extra: {} })).toEqual({ op: `${op}d`, streams })
    }
    const pong = { op: 'pong', server_ts: expect.any(Number) as number }
    expect(await socket.ask({ op: 'ping', ts: null })).toEqual(pong)
    expect(await socket.ask({ op: 'ping', ts: 1_700_000_000.25 })).toEqual({ ...pong, ts: 1_700_000_000.25 })
  })

  it('can all be followed at once', async () => {
    const socket = await enter(await testTarget())
    const streams = symbols.map(symbol => `quotes.${symbol}`)
    await socket.ask({ op: 'subscribe', streams, snapshot: true })
    const snapshots = await take(socket, symbols.length)
    expect(snapshots.map(({ symbol }) => symbol)).toEqual(symbols)
    const quotes = await take(socket, 2 * symbols.length)
    expect(new Set(quotes.map(({ symbol }) => symbol)).size).toBe(symbols.length)
  })

  it('are reduced to the newest of each symbol for a slow reader, and the dropped ones are counted', async () => {
    const target = await testTarget({
      'quotes.rate': '1000',
      'sockets.slowConsumer.budgetBytes': '65536',
      'sockets.slowConsumer.notify': 'true',
    })
    const slow = new WebSocket(`${target.url.replace('http', 'ws')}/ws/quotes`)
    onTestFinished(() => slow.terminate())
    await once(slow, 'open')
    slow.pause()
    const streams = symbols.slice(0, 170).map(symbol => `quotes.${symbol}`)
    slow.send(JSON.stringify({ op: 'subscribe', streams }))
    const endpoint = async () => {
      const report = (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as LedgerReport
      return report.sockets.endpoints.find(({ operation }) => operation === 'sockets.quotes')
    }
    while (((await endpoint())?.dropped['conflate'] ?? 0) < 1000);
    await fetch(`${target.url}/_loadcell/config`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ quotes: { rate: 0 } }),
    })
    const sequences = new Map<string, number>()
    let [received, missed, lagged] = [0, 0, 0]
    const caughtUp = new Promise<void>(resolve => {
      slow.on('message', data => {
        const frame = JSON.parse((data as Buffer).toString()) as Received
        if (frame['type'] === 'lagged') lagged += frame['dropped'] as number
        if (frame['type'] === 'quote') {
          const { symbol, sequence } = frame as unknown as Quote
          const before = sequences.get(symbol) ?? 0
          if (sequence <= before) expect.fail(`${symbol}: ${sequence} after ${before}`)
          sequences.set(symbol, sequence)
          received += 1
          missed += sequence - before - 1
        }
        if (frame['op'] === 'pong') resolve()
      })
    })
    slow.resume()
    slow.send(JSON.stringify({ op: 'ping' }))
    await caughtUp
    slow.close()
    await once(slow, 'close')
    await target.settledLedger()
    const counted = await endpoint()
    expect(counted).toMatchObject({ delivered: received, unsent: 0, dropped: { conflate: missed } })
    expect(missed).toBeGreaterThanOrEqual(1000)
    expect(lagged).toBeLessThanOrEqual(missed)
  })
})
