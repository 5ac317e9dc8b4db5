import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { OperationAccount } from '../../../contract/ledger.ts'
import type { OperationName } from '../../../contract/api/operations.ts'
import { untilUnderWay } from './faulty.ts'
import { connectTo, operation, testTarget, type TestTarget } from './support.ts'

function targetWith(rules: FaultRule[], flags: Record<string, string> = {}): Promise<TestTarget> {
  return testTarget({ 'http.serverTiming': 'true', 'faults.rules': JSON.stringify(rules), ...flags })
}

async function accountOf(target: TestTarget, name: OperationName): Promise<OperationAccount> {
  return operation(await target.settledLedger(), name)!
}

/** The times in ms that responses report in their headers, summed up by name. */
function timingsOf(answers: readonly Response[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const answer of answers) {
    for (const entry of answer.headers.get('server-timing')!.split(', ')) {
      const [name = '', duration] = entry.split(';dur=')
      sums[name] = (sums[name] ?? 0) + Number(duration)
    }
  }
  return sums
}

/** These parts of the time to first byte do not overlap, so their sum cannot exceed it. */
function expectDisjoint(account: OperationAccount): void {
  const { firstByte, handler, queueWait, stationService, actualDelay } = account
  const parts = [handler, queueWait, stationService, actualDelay].map(part => part?.sumMs ?? 0)
  expect(parts.reduce((sum, part) => sum + part)).toBeLessThanOrEqual(firstByte.sumMs)
}

const delay = (id: string, operations: string, at: 'before_handler' | 'before_first_byte', ms: number): FaultRule => ({
  id,
  match: { operation: operations },
  fault: { type: 'delay', at, distribution: `${ms}ms` },
})

describe('the times of an operation in the ledger', () => {
  it('separate delays, queues, services and handlers, and agree with the headers of each response', async () => {
    const target = await targetWith([
      delay('early', 'products.get', 'before_handler', 60),
      delay('late', 'products.get', 'before_first_byte', 30),
      {
        id: 'database',
        match: { operation: 'products.get' },
        fault: { type: 'capacity', servers: 1, service: '40ms' },
      },
    ])
    const answers = await Promise.all([1, 2, 3].map(id => fetch(`${target.url}/products/${id}`)))
    const account = await accountOf(target, 'products.get')
    const { plannedDelay, actualDelay, queueWait, stationService, handler, firstByte, lastByte, arrivalGap } = account
    expect(plannedDelay).toMatchObject({ count: 3, minMs: 90, maxMs: 90 })
    expect(actualDelay!.count).toBe(3)
    expect(actualDelay!.minMs).toBeGreaterThanOrEqual(90)
    expect(queueWait!.count).toBe(3)
    expect(queueWait!.maxMs).toBeGreaterThan(queueWait!.minMs)
    expect(stationService).toMatchObject({ count: 3, minMs: 40, maxMs: 40 })
    expect({ handler, firstByte, lastByte, arrivalGap }).toMatchObject({
      handler: { count: 3 },
      firstByte: { count: 3 },
      lastByte: { count: 3 },
      arrivalGap: { count: 2 },
    })
    expectDisjoint(account)
    expect(lastByte.sumMs).toBeGreaterThanOrEqual(firstByte.sumMs)

    const told = timingsOf(answers)
    const known = {
      'planned-delay': plannedDelay,
      delay: actualDelay,
      queue: queueWait,
      service: stationService,
      handler,
    }
    expect(Object.keys(told)).toEqual(Object.keys(known))
    // Each response rounds to the microsecond.
    for (const [name, { sumMs } = { sumMs: -1 }] of Object.entries(known)) expect(told[name]).toBeCloseTo(sumMs, 2)
  })

  it('include the whole time of a handler, and nothing before it', async () => {
    const target = await targetWith([delay('early', 'oauth.*', 'before_handler', 80)], { 'auth.issueCost': '25ms' })
    await target.token()
    const account = await accountOf(target, 'oauth.token')
    expect(account.handler.count).toBe(1)
    expect(account.handler.minMs).toBeGreaterThanOrEqual(25)
    expectDisjoint(account)
  })

  it('include a handler only if one ran: not if a fault responded, but also if a fault withheld the response', async () => {
    const target = await targetWith([
      { id: 'down', match: { path: '/products/1' }, fault: { type: 'status', status: 503 } },
      { id: 'lost', match: { path: '/products/2' }, fault: { type: 'hang', at: 'after_handler' } },
    ])
    const answer = await fetch(`${target.url}/products/1`)
    expect(answer.status).toBe(503)
    expect(Object.keys(timingsOf([answer]))).toEqual(['planned-delay', 'delay', 'queue', 'service'])
    const hanging = connectTo(target.port)
    hanging.write('GET /products/2 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await untilUnderWay(target.url, 1)
    hanging.destroy()
    const healthy = await fetch(`${target.url}/products/3`)
    expect(Object.keys(timingsOf([healthy]))).toEqual(['handler'])
    const account = await accountOf(target, 'products.get')
    expect({ arrivals: account.arrivals, unanswered: account.unanswered, handlerCount: account.handler.count }).toEqual(
      { arrivals: 3, unanswered: 1, handlerCount: 2 },
    )
    expect(account).not.toHaveProperty('plannedDelay')
    expect(account).not.toHaveProperty('stationService')
  })

  it('are kept for refusals, and for streams and WebSockets, whose handlers end when they are open', async () => {
    const target = await targetWith([delay('early', 'streams.read', 'before_handler', 20)])
    await fetch(`${target.url}/v1/streams/orders`)
    const cut = new AbortController()
    const authorization = `Bearer ${await target.token('consumer')}`
    await fetch(`${target.url}/v1/streams/orders`, { headers: { authorization }, signal: cut.signal })
    cut.abort()
    const socket = new WebSocket(`${target.url.replace('http', 'ws')}/ws/quotes`)
    await once(socket, 'open')
    socket.close()
    await once(socket, 'close')
    const streams = await accountOf(target, 'streams.read')
    expect(streams.statuses).toEqual({ 200: 1, 401: 1 })
    expect({ handlerCount: streams.handler.count, plannedDelayCount: streams.plannedDelay?.count }).toEqual({
      handlerCount: 2,
      plannedDelayCount: 2,
    })
    expectDisjoint(streams)
    expect(await accountOf(target, 'sockets.quotes')).toMatchObject({ handler: { count: 1 } })
  })
})
