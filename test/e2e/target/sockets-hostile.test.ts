import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { symbols } from '../../../target/domain/quotes/symbols.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { type FrameOptions, frameOf, NO_CODE, opcodes, RawSocket } from '../../support/raw-socket.ts'
import { until } from '../../support/stream-client.ts'
import { type TestTarget, testTarget } from './support.ts'

const PING = JSON.stringify({ op: 'ping', ts: 1 })
const { continuation, text, binary, close, ping } = opcodes

async function enter(
  target: TestTarget,
  path = '/ws/quotes',
  headers: Record<string, string> = {},
): Promise<RawSocket> {
  const socket = await RawSocket.open(target.port, path, headers)
  onTestFinished(() => void socket.socket.destroy())
  return socket
}

async function quotesBook(target: TestTarget) {
  return (await target.settledLedger()).sockets.endpoints.find(({ operation }) => operation === 'sockets.quotes')
}

async function bufferedBytes(target: TestTarget): Promise<number> {
  const metrics = await (await fetch(`${target.url}/metrics`)).text()
  return Number(/^loadcell_sockets_buffered_bytes (\d+)$/m.exec(metrics)?.[1])
}

function codeOf(code: number, reason: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return Buffer.concat([head, reason])
}

type Sent = [payload: string | Buffer, options?: FrameOptions][]

describe('what breaks the protocol', () => {
  const limit = 4096
  const faults: [what: string, code: number, frames: Sent][] = [
    ['an unmasked frame', 1002, [[PING, { isMasked: false }]]],
    ['a reserved bit', 1002, [[PING, { reservedBits: 1 }]]],
    ['compression that was not agreed', 1002, [[PING, { reservedBits: 4 }]]],
    ['a reserved opcode', 1002, [[PING, { opcode: 3 }]]],
    ['a reserved control opcode', 1002, [[PING, { opcode: 11 }]]],
    ['a ping in fragments', 1002, [['', { opcode: ping, isLast: false }]]],
    ['a ping too long', 1002, [[Buffer.alloc(126), { opcode: ping }]]],
    ['a continuation of nothing', 1002, [[PING, { opcode: continuation }]]],
    ['a text inside another', 1002, [['{', { isLast: false }], [PING]]],
    ['a short length in 16 bits', 1002, [[PING, { lengthBits: 16 }]]],
    ['a short length in 64 bits', 1002, [[PING, { lengthBits: 64 }]]],
    ['a length for 16 bits in 64', 1002, [[Buffer.alloc(limit, ' '), { lengthBits: 64 }]]],
    ['no length in 16 bits', 1002, [['', { opcode: binary, lengthBits: 16 }]]],
    ['a frame too big', 1009, [[Buffer.alloc(limit + 1, ' ')]]],
    [
      'fragments too big together',
      1009,
      [
        [Buffer.alloc(limit, ' '), { isLast: false }],
        [' ', { opcode: continuation }],
      ],
    ],
    [
      'fragments without end',
      1008,
      Array.from({ length: 20_000 }, (_, n) => ['', { opcode: n === 0 ? text : continuation, isLast: false }] as const),
    ],
    ['text that is not UTF-8', 1007, [[Buffer.from([0x22, 0xc3, 0x28, 0x22])]]],
    ['a close code that is none', 1002, [[codeOf(1006), { opcode: close }]]],
    ['a close code out of range', 1002, [[codeOf(999), { opcode: close }]]],
    ['half a close code', 1002, [[Buffer.from([3]), { opcode: close }]]],
    ['a reason that is not UTF-8', 1007, [[codeOf(1000, Buffer.from([0xff])), { opcode: close }]]],
  ]

  it.each(faults)('%s: ends with %d, and is counted', async (_what, code, frames) => {
    const target = await testTarget({ 'sockets.frameBytes': String(limit) })
    const socket = await enter(target)
    socket.socket.write(Buffer.concat(frames.map(([payload, options]) => frameOf(Buffer.from(payload), options ?? {}))))
    await until(() => socket.closeCode !== undefined)
    expect({ closeCode: socket.closeCode, texts: socket.texts }).toEqual({ closeCode: code, texts: [] })
    socket.socket.end()
    expect(await quotesBook(target)).toMatchObject({ opened: 1, closed: { protocol: 1 }, received: 0 })
  })

  it('ends a connection whose frame exceeds the limit after decompression', async () => {
    const target = await testTarget({ 'sockets.compression': 'true' })
    const socket = await enter(target, '/ws/quotes', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    socket.send(deflateRawSync(Buffer.alloc(50_000_000)), { reservedBits: 4 })
    await until(() => socket.closeCode !== undefined)
    expect(socket.closeCode).toBe(1009)
  })

  it('does not affect other clients', async () => {
    const target = await testTarget()
    const other = await NaiveSocket.open(`${target.url}/ws/quotes`)
    for (let n = 0; n < 50; n += 1) {
      const socket = await enter(target)
      const bytes = randomBytes(64)
      // Unmasked, so that random bytes cannot form a valid frame.
      bytes[1]! &= 0x7f
      socket.socket.write(bytes)
      if (n % 2 === 0) socket.socket.resetAndDestroy()
      else socket.socket.end()
      expect(await other.ask({ op: 'ping', ts: n })).toMatchObject({ op: 'pong', ts: n })
    }
    await other.close()
    expect(await quotesBook(target)).toMatchObject({ opened: 51, received: 50 })
  })
})

describe('odd but allowed input', () => {
  it('is answered: fragments around a ping, an empty text, a binary frame, JSON that is not an object', async () => {
    const target = await testTarget()
    const socket = await enter(target)
    socket.send(PING.slice(0, 5), { isLast: false })
    socket.send('between', { opcode: ping })
    socket.send(PING.slice(5), { opcode: continuation })
    socket.send(PING, { opcode: binary })
    const refused = [
      Buffer.from('{"op":"ping","ts":"\xff"}', 'latin1'),
      '',
      'null',
      '[1]',
      '"text"',
      '{',
      '['.repeat(50_000),
      '{"__proto__":1}',
      '{"op":"fly"}',
      '{"op":{}}',
      '{"a":1}',
    ]
    for (const frame of refused) socket.send(frame, { opcode: typeof frame === 'string' ? text : binary })
    await until(() => socket.texts.length === refused.length + 2)
    const codes = [
      ...Array<string>(6).fill('malformed_json'),
      'json_too_deep',
      'malformed_json',
      ...Array<string>(3).fill('unknown_action'),
    ]
    expect(socket.texts.map(({ op, code }) => op ?? code)).toEqual(['pong', 'pong', ...codes])
    expect(socket.frames.find(({ opcode }) => opcode === opcodes.pong)?.payload.toString()).toBe('between')
    socket.socket.destroy()
    expect(await quotesBook(target)).toMatchObject({
      received: refused.length + 2,
      refusals: { malformed_json: 7, json_too_deep: 1, unknown_action: 3 },
      pings: 1,
    })
  })

  it.each([1000, 1001, 3000, 4999, NO_CODE])(
    'is answered in kind: a goodbye with %d, and nothing behind it',
    async code => {
      const target = await testTarget()
      const socket = await enter(target)
      const goodbye = frameOf(code === NO_CODE ? Buffer.alloc(0) : codeOf(code), { opcode: close })
      socket.socket.write(
        Buffer.concat([goodbye, frameOf(Buffer.from(PING)), frameOf(Buffer.from(PING), { opcode: ping })]),
      )
      await until(() => socket.ended)
      expect({ closeCode: socket.closeCode, framesLength: socket.frames.length }).toEqual({
        closeCode: code,
        framesLength: 1,
      })
      socket.socket.end()
      expect(await quotesBook(target)).toMatchObject({ closed: { client: 1 }, received: 0, pings: 0 })
    },
  )

  it('counts as a close: the end of the client’s side, or of its connection', async () => {
    const target = await testTarget()
    const [finned, vanished] = [await enter(target), await enter(target)]
    finned.socket.end()
    await until(() => finned.ended)
    vanished.socket.resetAndDestroy()
    expect(await quotesBook(target)).toMatchObject({ opened: 2, closed: { client: 2 } })
  })
})

describe('a client that floods', () => {
  it('with pings and reads nothing gets no queue of pongs', async () => {
    const target = await testTarget()
    const [flooder, other] = [await enter(target), await NaiveSocket.open(`${target.url}/ws/quotes`)]
    flooder.socket.pause()
    const PINGS = 100_000
    const flood = frameOf(Buffer.alloc(125), { opcode: ping })
    for (let sent = 0; sent < PINGS; sent += 1000) flooder.socket.write(Buffer.concat(Array(1000).fill(flood)))
    await until(() => flooder.socket.writableLength === 0)
    expect(await other.ask({ op: 'ping' })).toMatchObject({ op: 'pong' })
    expect(await bufferedBytes(target)).toBeLessThan(200_000)
    await other.close()
    flooder.socket.destroy()
    expect(await quotesBook(target)).toMatchObject({ opened: 2, received: 1 })
  })

  it('with requests and reads nothing is served again, in order, as it reads', async () => {
    const target = await testTarget()
    const [flooder, other] = [await enter(target), await NaiveSocket.open(`${target.url}/ws/quotes`)]
    flooder.socket.pause()
    // More than the kernel buffers in both directions.
    const ASKED = 20_000
    const streamsOf = (n: number) => Array<string>(60).fill(`quotes.${symbols[n % symbols.length]}`)
    const requests = Array.from({ length: ASKED }, (_, n) =>
      frameOf(Buffer.from(JSON.stringify({ op: 'unsubscribe', streams: streamsOf(n) }))),
    )
    flooder.socket.write(Buffer.concat(requests))
    // Waits until the target has stopped reading.
    let before = -1
    for (let now = await bufferedBytes(target); now !== before || now < 65_536; now = await bufferedBytes(target)) {
      before = now
      expect(now).toBeLessThan(400_000)
      expect(await other.ask({ op: 'ping' })).toMatchObject({ op: 'pong' })
    }
    expect(flooder.socket.writableLength).toBeGreaterThan(0)
    flooder.socket.resume()
    await until(() => flooder.frames.length === ASKED)
    flooder.texts.forEach((answer, n) => expect(answer).toEqual({ op: 'unsubscribed', streams: streamsOf(n) }))
    expect(flooder.closeCode).toBeUndefined()
    await other.close()
    flooder.socket.destroy()
    expect((await quotesBook(target))?.closed).toEqual({ client: 2 })
  })

  it('with requests, reads nothing, and exceeds the age budget is disconnected', async () => {
    const target = await testTarget({ 'sockets.slowConsumer.budgetAge': '100ms', 'quotes.policy': 'disconnect' })
    const flooder = await enter(target)
    flooder.socket.pause()
    const request = frameOf(
      Buffer.from(JSON.stringify({ op: 'unsubscribe', streams: Array(60).fill('quotes.NYSE:IBM') })),
    )
    flooder.socket.write(Buffer.concat(Array<Buffer>(20_000).fill(request)))
    expect((await quotesBook(target))?.closed).toEqual({ slow_consumer: 1 })
  })

  it('with subscriptions gets as many as allowed, and keeps them', async () => {
    const target = await testTarget({ 'sockets.subscriptions': '1000' })
    const socket = await NaiveSocket.open(
      `${target.url}/v1/realtime/notifications?token=${await target.token('consumer')}`,
    )
    const topics = (from: number) => Array.from({ length: 1000 }, (_, n) => `account.${from + n}.orders`)
    expect(await socket.ask({ type: 'subscribe', topics: topics(0) })).toMatchObject({ type: 'subscribed' })
    for (let from = 1; from < 10; from += 1) {
      expect(await socket.ask({ type: 'subscribe', topics: topics(from * 1000) })).toMatchObject({
        type: 'error',
        code: 'too_many_subscriptions',
        in_reply_to: 'subscribe',
      })
    }
    for (let n = 0; n < 500; n += 1) {
      const churned = { topics: topics(0).slice(n, n + 2) }
      expect(await socket.ask({ type: 'unsubscribe', ...churned })).toMatchObject({ type: 'unsubscribed' })
      expect(await socket.ask({ type: 'subscribe', ...churned })).toMatchObject({ type: 'subscribed' })
    }
    expect(await socket.ask({ type: 'subscribe', topics: ['account.x.orders'] })).toMatchObject({ type: 'error' })
    await socket.close()
    const [book] = (await target.settledLedger()).sockets.endpoints
    expect(book).toMatchObject({ received: 1011, refusals: { too_many_subscriptions: 10 } })
  })
})
