import { setTimeout as delay } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { afterAll, describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { buildTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { BareEngineSocket } from '../../support/engine-socket.ts'
import { ForeignSocketio } from '../../support/foreign-socketio.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { StompSocket } from '../../support/stomp-socket.ts'
import { testTarget } from './support.ts'

const on = {
  'socketio.enabled': 'true',
  'stomp.enabled': 'true',
  'grpc.enabled': 'true',
  'feed.orders': '0',
  'feed.inventory': '0',
  'feed.pricing': '0',
}
const closedOf = ({ sockets, streams }: LedgerReport) => ({
  sockets: Object.fromEntries(sockets.endpoints.map(({ operation, closed }) => [operation, closed])),
  streams: streams.closed,
})

/** A target whose ledger can be read after its end. */
async function endingTarget(flags: Record<string, string> = {}) {
  const quiet = { 'http.port': '0', 'log.level': 'silent' }
  const target = await buildTarget(loadConfiguration({ env: {}, flags: { ...quiet, ...on, ...flags } }))
  afterAll(() => target.close())
  const { url } = await target.listen()
  return {
    url,
    /** Resolves once this number of requests is under way. */
    async serving(requests: number) {
      while (target.ledger.report('default').open.requests !== requests) await delay(5)
    },
    async end() {
      await target.close()
      return target.ledger.report('default')
    },
  }
}

/** Opens a session of Socket.IO that polls, with what a poll gets. */
async function polled(url: string, token: string) {
  const path = `${url}/socket.io/?EIO=4&transport=polling`
  const { sid } = JSON.parse((await (await fetch(path)).text()).slice(1)) as { sid: string }
  const session = `${path}&sid=${sid}`
  await fetch(session, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: `40/streams,${JSON.stringify({ token })}`,
  })
  const poll = async () => {
    const answer = await fetch(session)
    return [answer.status, await answer.text()] as const
  }
  await poll()
  return poll
}

describe('a token that expires', () => {
  it('ends sessions of Socket.IO: with 4401, and by polling with a close packet', async () => {
    const target = await testTarget({ ...on, 'auth.tokenTtl': '1s' })
    const token = await target.token('consumer')
    const socket = await BareEngineSocket.enter(target.url, '/streams', token)
    const poll = await polled(target.url, token)
    expect(await poll()).toEqual([200, '1'])
    expect(await poll()).toEqual([400, expect.stringContaining('Session ID unknown')])
    expect(await socket.closed).toBe(4401)
    expect(closedOf(await target.settledLedger()).sockets).toEqual({ 'socketio.connect': { token_expired: 2 } })
  })

  it('is refused when a client of Socket.IO comes back with it', async () => {
    const target = await testTarget({ ...on, 'auth.tokenTtl': '1s' })
    const auth = { token: await target.token('consumer') }
    const client = await ForeignSocketio.enter(`${target.url}/streams`, 'websocket', { auth })
    const refused = await new Promise(resolve => client.socket.once('connect_error', resolve))
    expect(refused).toMatchObject({ data: { code: 'invalid_token' } })
  })

  it('ends a stream of gRPC as UNAUTHENTICATED', async () => {
    const target = await testTarget({ ...on, 'auth.tokenTtl': '1s' })
    const client = new GrpcClient(target.url, await target.token('consumer'))
    const events = client.follow('loadcell.v1.Events/Subscribe', { streams: ['orders'] })
    expect(await events.status).toMatchObject({ code: status.UNAUTHENTICATED })
    const ledger = await target.settledLedger()
    expect(closedOf(ledger).streams).toEqual({ token_expired: 1 })
    expect(ledger.grpc).toContainEqual({ operation: 'grpc.subscribe', statuses: { UNAUTHENTICATED: 1 } })
  })
})

describe('the end of the target', () => {
  it('ends sessions of Socket.IO over WebSocket, and counts them', async () => {
    const target = await endingTarget()
    const auth = { token: 'demo-jwt-token-ann' }
    const client = await ForeignSocketio.enter(`${target.url}/chat`, 'websocket', { auth, reconnection: false })
    await client.ask('subscribe', { channel: 'a' })
    const gone = new Promise(resolve => client.socket.once('disconnect', resolve))
    const ledger = await target.end()
    expect(await gone).toBe('transport close')
    expect(closedOf(ledger).sockets).toEqual({ 'socketio.connect': { shutdown: 1 } })
  })

  it('answers a poll of Socket.IO whole, and ends a session without one', async () => {
    const target = await endingTarget()
    const poll = await polled(target.url, 'demo-jwt-token-ann')
    await polled(target.url, 'demo-jwt-token-ben')
    const answer = poll()
    await target.serving(1)
    const ledger = await target.end()
    expect(await answer).toEqual([200, '1'])
    expect(closedOf(ledger).sockets).toEqual({ 'socketio.connect': { shutdown: 2 } })
    expect(ledger.operations.find(({ operation }) => operation === 'socketio.connect')?.statuses).toEqual({ 200: 5 })
  })

  it('ends streams of gRPC as UNAVAILABLE, lets a call end, and counts both', async () => {
    const slow = { id: 'slow', match: { operation: 'grpc.quote' }, fault: { type: 'delay', distribution: '200ms' } }
    const target = await endingTarget({ 'faults.rules': JSON.stringify([slow]) })
    const client = new GrpcClient(target.url, 'demo-jwt-token-ann')
    const room = client.converse('loadcell.v1.Chat/Converse')
    room.say({ join: { channel: 'a' } })
    await room.heard.next()
    const call = client.unary('loadcell.v1.Quotes/Get', { symbol: 'NASDAQ:AAPL' })
    await target.serving(2)
    const ledger = await target.end()
    expect(await room.heard.status).toMatchObject({ code: status.UNAVAILABLE })
    expect(await call).toMatchObject({ status: { code: status.OK }, answer: { symbol: 'NASDAQ:AAPL' } })
    expect(closedOf(ledger).streams).toEqual({ shutdown: 1 })
    expect(ledger.grpc).toEqual([
      { operation: 'grpc.chat', statuses: { UNAVAILABLE: 1 } },
      { operation: 'grpc.quote', statuses: { OK: 1 } },
    ])
  })

  it('ends a connection of STOMP with 1001, and counts it', async () => {
    const target = await endingTarget()
    const socket = await StompSocket.enter(target.url, 'demo-jwt-token-ann')
    const ledger = await target.end()
    expect((await socket.closed).code).toBe(1001)
    expect(closedOf(ledger).sockets).toEqual({ 'stomp.connect': { shutdown: 1 } })
  })
})
