import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { OperationName } from '../../../contract/api/operations.ts'
import { handshake } from '../../support/raw-socket.ts'
import { connectTo, operation, type TestTarget, testTarget } from './support.ts'

const get = 'GET /products/1 HTTP/1.1\r\nHost: x\r\n\r\n'
const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

function faulty(name: OperationName, fault: object): Promise<TestTarget> {
  return testTarget({ 'faults.rules': JSON.stringify([{ id: 'r', match: { operation: name }, fault }]) })
}

/** Sends, waits until the target has received it, and leaves with a RST or a FIN. */
async function leave(target: TestTarget, bytes: string, how: 'reset' | 'end', arrivals: number): Promise<void> {
  const socket = connectTo(target.port)
  await once(socket, 'connect')
  socket.write(bytes)
  await received(target, arrivals)
  if (how === 'reset') socket.resetAndDestroy()
  else socket.destroy()
}

async function received(target: TestTarget, arrivals: number): Promise<void> {
  for (;;) {
    const report = (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as {
      operations: { arrivals: number }[]
    }
    if (report.operations.reduce((sum, account) => sum + account.arrivals, 0) >= arrivals) return
    await delay(5)
  }
}

/** Leaves with a RST while the target is stalled. It is a separate process, because the target stalls this one. */
async function leaveDuringStall(target: TestTarget, bytes: string): Promise<void> {
  const script = `
    const socket = require('node:net').connect(${target.port}, '127.0.0.1', () => {
      socket.write(${JSON.stringify(bytes)})
      setTimeout(() => socket.resetAndDestroy(), 100)
    })
    socket.on('error', () => {})`
  await once(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }), 'close')
}

const unanswered = { statuses: {}, unanswered: 1, aborted: 1 }

describe.each(['reset', 'end'] as const)('a client that leaves with a %s', how => {
  it.each(['before_handler', 'before_first_byte'])(
    'during a delay %s is unanswered, and so is what it sent behind',
    async at => {
      const target = await faulty('products.get', { type: 'delay', distribution: '5s', at })
      await leave(target, get + health, how, 2)
      const report = await target.settledLedger()
      expect(operation(report, 'products.get')).toMatchObject(unanswered)
      expect(operation(report, 'health.live')).toMatchObject(unanswered)
    },
  )

  it('in the middle of a body is counted with its status, and requests behind it are not', async () => {
    const target = await faulty('products.get', { type: 'dribble', bytesPerSecond: 50 })
    const socket = connectTo(target.port)
    socket.write(get + health)
    await once(socket, 'data')
    if (how === 'reset') socket.resetAndDestroy()
    else socket.destroy()
    const report = await target.settledLedger()
    expect(operation(report, 'products.get')).toMatchObject({ statuses: { 200: 1 }, unanswered: 0, aborted: 1 })
    expect(operation(report, 'health.live')).toMatchObject(unanswered)
  })

  it('during a delayed handshake is unanswered', async () => {
    const target = await faulty('sockets.quotes', { type: 'delay', distribution: '5s' })
    await leave(target, handshake('/ws/quotes'), how, 1)
    expect(operation(await target.settledLedger(), 'sockets.quotes')).toMatchObject(unanswered)
  })
})

describe('a client whose connection was lost by the network', () => {
  const stall = { type: 'stall', duration: '800ms' }

  it('is unanswered, although its response was written', async () => {
    const target = await faulty('products.get', stall)
    await leaveDuringStall(target, get)
    expect(operation(await target.settledLedger(), 'products.get')).toMatchObject(unanswered)
  })

  it('has opened no WebSocket', async () => {
    const target = await faulty('sockets.quotes', stall)
    await leaveDuringStall(target, handshake('/ws/quotes'))
    const report = await target.settledLedger()
    expect(operation(report, 'sockets.quotes')).toMatchObject(unanswered)
    expect(report.sockets.endpoints).toEqual([])
  })

  it('has opened no stream', async () => {
    const target = await faulty('streams.read', stall)
    const token = await target.token('consumer')
    await leaveDuringStall(
      target,
      `GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    )
    const report = await target.settledLedger()
    expect(operation(report, 'streams.read')).toMatchObject(unanswered)
    expect(report.consumers).toEqual([])
  })
})

describe('HEAD of a stream', () => {
  it.each(['/v1/streams/orders', '/v1/streams/notifications?channels=orders', '/v1/streams/orders/poll'])(
    '%s has no length, as GET has none',
    async path => {
      const target = await testTarget()
      const headers = `Host: x\r\nAuthorization: Bearer ${await target.token('consumer')}\r\nConnection: close`
      const answer = await target.raw(`HEAD ${path} HTTP/1.1\r\n${headers}\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(answer).not.toMatch(/content-length/i)
    },
  )
})

describe('a stream that is requested behind a pending request', () => {
  const delayed = () => faulty('products.get', { type: 'delay', distribution: '100ms' })
  const follow = (token: string, path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`

  it('is opened after that response, and delivers what is published from then on', async () => {
    const target = await delayed()
    const socket = connectTo(target.port)
    let text = ''
    socket.on('data', data => (text += data.toString()))
    socket.write(get + follow(await target.token('consumer'), '/v1/streams/orders'))
    await expect.poll(() => text).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 200 [^]*content-type: text\/event-stream/i)
    await fetch(`${target.url}/v1/events/publish`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await target.token('producer')}` },
      body: '{"event_type":"order.created","event_id":"behind","data":{}}',
    })
    await expect.poll(() => text).toContain('"event_id":"behind"')
    socket.destroy()
    const report = await target.settledLedger()
    expect(operation(report, 'streams.read')).toMatchObject({ statuses: { 200: 1 }, unanswered: 0 })
  })

  it('is refused after that response if necessary, and the connection stays usable', async () => {
    const target = await delayed()
    const token = await target.token('consumer')
    const answers = await target.raw(
      `${get}${follow(token, '/v1/streams/orders?last_event_id=nothing')}` +
        'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200'])
  })
})
