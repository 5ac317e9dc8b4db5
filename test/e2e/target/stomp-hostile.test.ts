import { describe, expect, it } from 'vitest'
import { StompSocket } from '../../support/stomp-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'stomp.enabled': 'true' }
const ann = 'demo-jwt-token-ann'

const say = (id: string | number) => JSON.stringify({ id, text: 'hello' })

/** Expects an ERROR with this code, and the close after it. */
async function refused(socket: StompSocket, code: string, close: number): Promise<void> {
  const error = await socket.next(({ command }) => command === 'ERROR')
  expect(error?.headers['code'], error?.body).toBe(code)
  expect((await socket.closed).code).toBe(close)
}

async function refusalsOf(target: TestTarget) {
  const { sockets } = await target.settledLedger()
  return sockets.endpoints.map(({ refusals }) => refusals)
}

describe('hostile clients of STOMP are answered, closed and counted', () => {
  const frames: [string, (socket: StompSocket) => void, string, number][] = [
    ['an endless header', socket => socket.raw(`SEND\na:${'x'.repeat(20_000)}`), 'malformed_frame', 4400],
    ['a flood of headers', socket => socket.raw(`SEND\n${'a:b\n'.repeat(100)}`), 'malformed_frame', 4400],
    [
      'an endless body over many messages',
      socket => {
        for (const part of ['SEND\n\n', 'x'.repeat(150_000), 'x'.repeat(150_000)]) socket.raw(part)
      },
      'malformed_frame',
      4400,
    ],
    ['a bad escape', socket => socket.raw('SEND\na:\\t\n\n\0'), 'malformed_frame', 4400],
    ['a huge content-length', socket => socket.raw('SEND\ncontent-length:999999999999\n\n'), 'malformed_frame', 4400],
    ['a frame of a server', socket => socket.send('MESSAGE'), 'unknown_action', 4400],
    ['a second CONNECT', socket => socket.send('CONNECT'), 'unknown_action', 4400],
    ['an ACK of an unknown message', socket => socket.send('ACK', { id: '1-1' }), 'invalid_request', 4400],
    ['an ACK of nothing', socket => socket.send('ACK'), 'invalid_request', 4400],
    [
      'a COMMIT of an unknown transaction',
      socket => socket.send('COMMIT', { transaction: 'x' }),
      'invalid_request',
      4400,
    ],
    ['an UNSUBSCRIBE of an unknown id', socket => socket.send('UNSUBSCRIBE', { id: 'x' }), 'not_subscribed', 4400],
    [
      'an unknown destination',
      socket => socket.send('SEND', { destination: '/queue/a' }, '{}'),
      'invalid_request',
      4400,
    ],
    ['a body that is no JSON', socket => socket.send('SEND', { destination: '/rooms/a' }, '{'), 'malformed_json', 4400],
    [
      'a message without an id',
      socket => socket.send('SEND', { destination: '/rooms/a' }, '{}'),
      'invalid_request',
      4400,
    ],
    [
      'an unknown ack mode',
      socket => socket.send('SUBSCRIBE', { id: '1', destination: '/rooms/a', ack: 'x' }),
      'invalid_request',
      4400,
    ],
    [
      'a subscription whose id is in use',
      socket => {
        for (let n = 0; n < 2; n += 1) socket.send('SUBSCRIBE', { id: '1', destination: '/rooms/a' })
      },
      'invalid_request',
      4400,
    ],
  ]

  it.each(frames)('%s', async (_what, attack, code, close) => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, ann)
    attack(socket)
    await refused(socket, code, close)
    expect(await refusalsOf(target)).toEqual([{ [code]: 1 }])
  })

  it('a frame in single bytes over many messages is read once it is whole, and its memory is given back', async () => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, ann)
    for (const byte of `SEND\ndestination:/rooms/a\nreceipt:r\n\n${say(1)}\0`) socket.raw(byte)
    expect((await socket.next())?.headers).toMatchObject({ 'receipt-id': 'r', sequence: '1' })
  })

  it('a flood of subscriptions ends at the limit', async () => {
    const target = await testTarget({ ...on, 'sockets.subscriptions': '10' })
    const socket = await StompSocket.enter(target.url, ann)
    for (let id = 0; id < 11; id += 1) socket.send('SUBSCRIBE', { id, destination: '/rooms/a' })
    await refused(socket, 'too_many_subscriptions', 1013)
  })

  it('transactions that are never committed are few and short, and publish nothing', async () => {
    const target = await testTarget({ ...on, 'stomp.transactions': '2', 'stomp.transactionFrames': '3' })
    const [many, long] = [await StompSocket.enter(target.url, ann), await StompSocket.enter(target.url, ann)]
    for (const transaction of ['a', 'b', 'c']) many.send('BEGIN', { transaction })
    await refused(many, 'invalid_request', 4400)
    long.send('BEGIN', { transaction: 'a' })
    for (let id = 0; id < 4; id += 1) long.send('SEND', { transaction: 'a', destination: '/rooms/a' }, say(id))
    await refused(long, 'invalid_request', 4400)
    const reader = await StompSocket.enter(target.url, ann)
    expect((await reader.ask('SEND', { destination: '/rooms/a' }, say('first'))).headers['sequence']).toBe('1')
  })

  it('a client that does not introduce itself in time is closed', async () => {
    const target = await testTarget({ ...on, 'stomp.connectTimeout': '50ms', 'sockets.pingInterval': '100ms' })
    await refused(await StompSocket.open(target.url), 'invalid_request', 4408)
  })

  it.each<[string, string, Record<string, string>, string, number]>([
    ['another frame before CONNECT', 'SEND', { destination: '/rooms/a' }, 'unknown_action', 4400],
    ['an unknown version', 'CONNECT', { 'accept-version': '3.0' }, 'invalid_request', 4400],
    ['a wrong token', 'STOMP', { 'accept-version': '1.2', passcode: 'wrong' }, 'invalid_token', 4403],
    ['wrong heart-beats', 'CONNECT', { 'accept-version': '1.2', 'heart-beat': 'x' }, 'invalid_request', 4400],
  ])('%s is refused', async (_what, command, headers, code, close) => {
    const target = await testTarget(on)
    const socket = await StompSocket.open(target.url)
    socket.send(command, headers)
    await refused(socket, code, close)
  })

  it('a client that subscribes and never reads meets the slow-consumer policy, and others do not notice', async () => {
    const target = await testTarget({
      ...on,
      'sockets.slowConsumer.policy': 'disconnect',
      'sockets.slowConsumer.budgetBytes': '65536',
    })
    const [slow, quick] = [await StompSocket.enter(target.url, ann), await StompSocket.enter(target.url, ann)]
    for (const socket of [slow, quick]) await socket.ask('SUBSCRIBE', { id: 's', destination: '/rooms/a' })
    slow.webSocket.pause()
    const text = 'x'.repeat(60_000)
    for (let id = 0; id < 200; id += 1) {
      await quick.ask('SEND', { destination: '/rooms/a' }, JSON.stringify({ id, text }))
      await quick.message()
    }
    quick.webSocket.close()
    slow.webSocket.terminate()
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints[0]!.closed).toMatchObject({ slow_consumer: 1, client: 1 })
  })

  it('a client that never acknowledges holds no more than its window, and the rest waits in the stream', async () => {
    const target = await testTarget({ ...on, 'stomp.window': '5' })
    const socket = await StompSocket.enter(target.url, ann)
    await socket.ask('SUBSCRIBE', { id: 's', destination: '/rooms/a', ack: 'client' })
    for (let id = 0; id < 20; id += 1) await socket.ask('SEND', { destination: '/rooms/a' }, say(id))
    const messages = () => socket.frames.filter(({ command }) => command === 'MESSAGE')
    expect(messages()).toHaveLength(5)
    await socket.ask('ACK', { id: messages()[4]!.headers['ack'] as string })
    const sequences = messages().map(({ headers }) => headers['sequence'])
    expect(sequences).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 1)))
  })

  it('a client whose heart-beats stay away is closed, and one that sends them is not', async () => {
    const target = await testTarget({ ...on, 'stomp.heartbeat': '300ms' })
    const [dead, alive] = [await StompSocket.open(target.url), await StompSocket.open(target.url)]
    for (const socket of [dead, alive]) socket.send('CONNECT', { 'accept-version': '1.2', 'heart-beat': '100,100' })
    const beating = setInterval(() => alive.raw('\n'), 50)
    await refused(dead, 'invalid_request', 1008)
    clearInterval(beating)
    expect(alive.frames.map(({ command }) => command)).toEqual(['CONNECTED'])
    expect(alive.beats).toBeGreaterThan(0)
  })
})
