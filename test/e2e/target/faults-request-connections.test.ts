import { beforeEach, describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { closed, headerOf, rawExchange } from '../../support/raw-exchange.ts'
import { faultyTarget, injecting, untilUnderWay } from './faulty.ts'
import { connectTo, operation } from './support.ts'
import { until } from '../../support/stream-client.ts'

const target = await faultyTarget({
  reset: { type: 'reset' },
  lost: { type: 'reset', at: 'after_handler' },
  torn: { type: 'reset', at: 'after_handler', afterBytes: 100 },
  bare: { type: 'reset', at: 'after_handler', afterBytes: 0 },
  long: { type: 'reset', at: 'after_handler', afterBytes: 1_000_000 },
  short: { type: 'close_early', afterBytes: 50 },
  lying: { type: 'close_early', afterBytes: 50, contentLength: 'wrong' },
  slow: { type: 'dribble', bytesPerSecond: 1000 },
  single: { type: 'dribble', bytesPerSecond: 2000, pieceBytes: 1 },
  hang: { type: 'hang' },
  mute: { type: 'hang', at: 'after_handler' },
  quick: { type: 'dribble', bytesPerSecond: 4000 },
  soon: { type: 'delay', distribution: '150ms' },
  minutes: { type: 'delay', distribution: '10m' },
  chunked: { type: 'delay', at: 'between_chunks', distribution: '25ms' },
})
const plain = await rawExchange(target.port, '/products/7')
const PRODUCT_BYTES = plain.body.length

beforeEach(async () => {
  await fetch(`${target.url}/_loadcell/reset?what=ledger`, { method: 'POST' })
})

const product = async () => operation(await target.settledLedger(), 'products.get')
async function records(): Promise<LedgerRecord[]> {
  const answer = await fetch(`${target.url}/_loadcell/ledger/records`)
  return (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as LedgerRecord)
}

describe('a reset', () => {
  it.each(['reset', 'lost'])('is a RST and no answer: %s', async fault => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting(fault) })
    expect(answer).toMatchObject({ errorCode: 'ECONNRESET', head: '', body: '' })
    expect(await product()).toMatchObject({ arrivals: 1, aborted: 0, cut: 1, unanswered: 1, statuses: {}, bytesOut: 0 })
    expect(await records()).toMatchObject([{ outcome: 'cut', status: 0 }])
  })

  it.each([
    ['torn', 100],
    ['bare', 0],
  ])('after so many bytes of the body comes behind them: %s', async (fault, bytes) => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting(fault) })
    expect(answer).toMatchObject({ errorCode: 'ECONNRESET', status: 200, body: plain.body.slice(0, bytes) })
    expect(headerOf(answer, 'content-length')).toBe(String(PRODUCT_BYTES))
    expect(await product()).toMatchObject({ aborted: 0, cut: 1, unanswered: 0, statuses: { 200: 1 }, bytesOut: bytes })
    expect(await records()).toMatchObject([{ outcome: 'cut', status: 200, bytesOut: bytes }])
  })

  it('behind the end of the body cuts nothing', async () => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting('long') })
    expect(answer).toMatchObject({ errorCode: undefined, status: 200, body: plain.body })
    expect(await product()).toMatchObject({ cut: 0, bytesOut: PRODUCT_BYTES })
  })

  it('after the handler keeps the effects of the handler', async () => {
    const body = JSON.stringify({ product_id: 7, quantity: 1 })
    const headers = { 'idempotency-key': 'once', ...injecting('lost') }
    expect((await rawExchange(target.port, '/orders', { method: 'POST', body, headers })).errorCode).toBe('ECONNRESET')
    const again = await rawExchange(target.port, '/orders', {
      method: 'POST',
      body,
      headers: { 'idempotency-key': 'once' },
    })
    expect(again.status).toBe(201)
    expect(headerOf(again, 'idempotent-replayed')).toBe('true')
  })

  it('before the handler leaves nothing', async () => {
    const body = JSON.stringify({ product_id: 7, quantity: 1 })
    const headers = { 'idempotency-key': 'never', ...injecting('reset') }
    expect((await rawExchange(target.port, '/orders', { method: 'POST', body, headers })).errorCode).toBe('ECONNRESET')
    const again = await rawExchange(target.port, '/orders', {
      method: 'POST',
      body,
      headers: { 'idempotency-key': 'never' },
    })
    expect(headerOf(again, 'idempotent-replayed')).toBeUndefined()
  })

  it('ends the requests behind it on its connection, and none of them counts as aborted', async () => {
    const socket = connectTo(target.port)
    const request = (fault: string) => `GET /products/7 HTTP/1.1\r\nHost: a\r\nX-Fault: ,${fault},\r\n\r\n`
    socket.write(request('minutes') + request('reset'))
    await closed(socket)
    expect(await product()).toMatchObject({ arrivals: 2, aborted: 0, cut: 2 })
  })
})

describe('an early close', () => {
  it('is a short body with the length of the whole, and then a FIN', async () => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting('short') })
    expect(answer).toMatchObject({ errorCode: undefined, status: 200, body: plain.body.slice(0, 50) })
    expect(headerOf(answer, 'content-length')).toBe(String(PRODUCT_BYTES))
    expect(await product()).toMatchObject({ aborted: 0, cut: 1, statuses: { 200: 1 }, bytesOut: 50 })
  })

  it('looks complete where the length is wrong', async () => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting('lying') })
    expect(answer).toMatchObject({ errorCode: undefined, status: 200, body: plain.body.slice(0, 50) })
    expect(headerOf(answer, 'content-length')).toBe('50')
    expect(headerOf(answer, 'connection')).toBe('close')
    expect(await product()).toMatchObject({ cut: 0, statuses: { 200: 1 }, bytesOut: 50 })
  })

  it.each(['short', 'lying', 'torn', 'slow'])('leaves an answer without a body alone: %s', async fault => {
    const answer = await rawExchange(target.port, '/products/7', { method: 'HEAD', headers: injecting(fault) })
    expect(answer).toMatchObject({ errorCode: undefined, status: 200, body: '' })
    expect(headerOf(answer, 'content-length')).toBe(String(PRODUCT_BYTES))
    expect(await product()).toMatchObject({ cut: 0, statuses: { 200: 1 }, bytesOut: 0 })
  })
})

describe('a request behind a slower one on its connection', () => {
  const request = (fault: string) => `GET /products/7 HTTP/1.1\r\nHost: a\r\nX-Fault: ,${fault},\r\n\r\n`

  it.each([
    ['short', undefined, 50],
    ['torn', 'ECONNRESET', 100],
  ])('ends early in its turn: %s', async (fault, errorCode, bytes) => {
    const socket = connectTo(target.port)
    let received = ''
    let error: string | undefined
    socket.on('data', chunk => (received += chunk.toString()))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (error = code))
    socket.write(request('soon') + request(fault))
    await closed(socket)
    const [, first, second] = received.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/)
    expect({ first, second, error }).toEqual({
      first: plain.body,
      second: plain.body.slice(0, bytes),
      error: errorCode,
    })
    expect(await product()).toMatchObject({ statuses: { 200: 2 }, aborted: 0, cut: 1, bytesOut: PRODUCT_BYTES + bytes })
  })

  it('has the pace of a dribble, from its turn on', async () => {
    const socket = connectTo(target.port)
    const arrivals: number[] = []
    socket.on('data', () => arrivals.push(performance.now()))
    socket.write(request('soon') + request('quick').replace('X-Fault', 'Connection: close\r\nX-Fault'))
    await closed(socket)
    expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThanOrEqual((PRODUCT_BYTES / 4000) * 1000 - 5)
    expect(await product()).toMatchObject({ statuses: { 200: 2 }, aborted: 0, cut: 0 })
  })

  it('whose client leaves before its turn counts as aborted', async () => {
    const socket = connectTo(target.port)
    socket.write(request('minutes') + request('short'))
    await untilUnderWay(target.url, 2)
    socket.end()
    expect(await product()).toMatchObject({ arrivals: 2, aborted: 2, cut: 0, bytesOut: 0 })
  })

  it('is cut with it where an early end takes the connection, however complete that looks', async () => {
    const socket = connectTo(target.port).resume()
    socket.write(request('lying') + request('minutes'))
    await closed(socket)
    expect(await product()).toMatchObject({ arrivals: 2, statuses: { 200: 1 }, aborted: 0, cut: 1 })
  })
})

describe('a dribble', () => {
  it.each([
    ['slow', 1000],
    ['single', 2000],
  ])('gives the whole body, and no byte before its time: %s', async (fault, bytesPerSecond) => {
    const answer = await rawExchange(target.port, '/products/7', { headers: injecting(fault) })
    expect(answer).toMatchObject({ errorCode: undefined, status: 200, body: plain.body })
    expect(answer.tookMs).toBeGreaterThanOrEqual((PRODUCT_BYTES / bytesPerSecond) * 1000)
    expect(await product()).toMatchObject({ statuses: { 200: 1 }, cut: 0, bytesOut: PRODUCT_BYTES })
  })

  it('whose client leaves counts as aborted, with the bytes that were sent', async () => {
    const socket = connectTo(target.port)
    let received = ''
    socket.on('data', chunk => (received += chunk.toString()))
    socket.write('GET /products/7 HTTP/1.1\r\nHost: a\r\nX-Fault: ,slow,\r\n\r\n')
    await until(() => received.includes('\r\n\r\n{'))
    socket.destroy()
    const account = await product()
    expect(account).toMatchObject({ aborted: 1, cut: 0, unanswered: 0, statuses: { 200: 1 } })
    expect(account!.bytesOut).toBeGreaterThan(0)
    expect(account!.bytesOut).toBeLessThan(PRODUCT_BYTES)
  })
})

describe('a delay between chunks', () => {
  it('holds back each of 16 KiB but the first', async () => {
    const download = await (async () => {
      const headers = { authorization: 'Bearer reporting-load-test-token', 'content-type': 'application/json' }
      const answer = await fetch(`${target.url}/reports`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ format: 'csv' }),
      })
      const { status_url: url } = (await answer.json()) as { status_url: string }
      for (;;) {
        const job = (await (await fetch(`${target.url}${url}`, { headers })).json()) as { download_url?: string }
        if (job.download_url !== undefined) return job.download_url
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    })()
    const authorization = 'Bearer reporting-load-test-token'
    const whole = await rawExchange(target.port, download, { headers: { authorization } })
    const chunked = await rawExchange(target.port, download, { headers: { authorization, ...injecting('chunked') } })
    expect(chunked.body).toBe(whole.body)
    const chunks = Math.ceil(whole.body.length / 16_384)
    expect(chunks).toBeGreaterThan(1)
    expect(chunked.tookMs).toBeGreaterThanOrEqual((chunks - 1) * 25)
  })
})

describe('a waiting client', () => {
  it.each(['hang', 'mute', 'minutes'])('and leaves has aborted, and holds nothing any more: %s', async fault => {
    const socket = connectTo(target.port)
    socket.write(`GET /products/7 HTTP/1.1\r\nHost: a\r\nX-Fault: ,${fault},\r\n\r\n`)
    await untilUnderWay(target.url, 1)
    socket.end()
    expect(await product()).toMatchObject({ arrivals: 1, aborted: 1, cut: 0, unanswered: 1, statuses: {} })
  })

  it.each([
    ['already', '0ms'],
    ['from now on', '300ms'],
  ])('in vain is let go when the target stops: %s', async (_since, distribution) => {
    const rules = [
      { id: 'delay', fault: { type: 'delay', distribution } },
      { id: 'hang', fault: { type: 'hang' } },
    ]
    const flags = {
      'http.port': '0',
      'log.level': 'silent',
      'http.drainTimeout': '1h',
      'faults.rules': JSON.stringify(rules),
    }
    const stopping = await startTarget(loadConfiguration({ env: {}, flags }))
    const port = Number(new URL(stopping.url).port)
    const answer = rawExchange(port, '/products/7')
    await untilUnderWay(stopping.url, 1)
    await stopping.close()
    expect(await answer).toMatchObject({ errorCode: undefined, head: '' })
  })
})
