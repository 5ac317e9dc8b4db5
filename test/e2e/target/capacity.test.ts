import { once } from 'node:events'
import { onTestFinished, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { FaultOf } from '../../../contract/faults/fault.ts'
import type { FaultsReport } from '../../../contract/faults/report.ts'
import type { CapacityReport, StationReport } from '../../../contract/faults/station-report.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { Problem } from '../../../contract/problem.ts'
import { rawExchange } from '../../support/raw-exchange.ts'
import { untilUnderWay } from './faulty.ts'
import { connectTo, operation, testTarget, type TestTarget } from './support.ts'

type Capacity = Omit<FaultOf<'capacity'>, 'type'>

function rule(id: string, operation: string, capacity: Capacity): FaultRule {
  return { id, match: { operation }, fault: { type: 'capacity', ...capacity } }
}

function targetWith(...rules: FaultRule[]): Promise<TestTarget> {
  return testTarget({
    'faults.rules': JSON.stringify(rules),
    'http.drainTimeout': '100ms',
    'http.serverTiming': 'true',
  })
}

async function station(target: TestTarget): Promise<StationReport> {
  const answer = await fetch(`${target.url}/_loadcell/capacity`)
  return ((await answer.json()) as CapacityReport).stations[0]!
}

/** Waits until the station has this state. */
async function untilStation(target: TestTarget, holds: (station: StationReport) => boolean): Promise<void> {
  for (;;) if (holds(await station(target))) return
}

/** Sends a request on its own connection, without waiting for it. */
function send(target: TestTarget, path: string) {
  const socket = connectTo(target.port)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  socket.resume()
  onTestFinished(() => void socket.destroy())
  return socket
}

async function change(target: TestTarget, rules: FaultRule[]): Promise<void> {
  const answer = await fetch(`${target.url}/_loadcell/config`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults: { rules } }),
  })
  expect(answer.status).toBe(200)
}

const busy = { servers: 1, service: '10m', queue: 0 }

describe('a station', () => {
  it('is shared by the operations whose rules name it', async () => {
    const target = await targetWith(
      rule('products', 'products.get', { station: 'database', ...busy }),
      rule('categories', 'categories.list', { station: 'database' }),
    )
    send(target, '/products/1')
    await untilStation(target, ({ busy }) => busy === 1)
    const answer = await fetch(`${target.url}/categories`)
    expect(answer.status).toBe(503)
    // Retry-After is the ten minutes of a service.
    expect(answer.headers.get('retry-after')).toBe('600')
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect((await answer.json()) as Problem).toMatchObject({
      code: 'capacity_exceeded',
      detail: 'station database: its servers (1) are busy, and as many wait as may (0)',
    })
    expect((await fetch(`${target.url}/products?limit=1`)).status).toBe(200)
    expect(await station(target)).toMatchObject({
      name: 'database',
      rules: ['products', 'categories'],
      arrived: 2,
      turnedAway: 1,
    })
  })

  it('serves waiting requests one after another, and the ledger has their waits', async () => {
    const target = await targetWith(rule('products', 'products.get', { servers: 1, service: '400ms' }))
    const answers = await Promise.all([1, 2].map(id => fetch(`${target.url}/products/${id}`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const timings = answers.map(({ headers }) => Number(/queue;dur=([\d.]+)/.exec(headers.get('server-timing')!)?.[1]))
    for (const { headers } of answers) expect(headers.get('server-timing')).toContain('service;dur=400,')
    expect(Math.min(...timings)).toBe(0)
    expect(Math.max(...timings)).toBeGreaterThan(0)
    const ledger = await target.settledLedger()
    const { queueWait } = operation(ledger, 'products.get')!
    expect(queueWait).toMatchObject({ count: 2, minMs: 0 })
    expect(queueWait!.maxMs).toBeCloseTo(Math.max(...timings), 2)
    expect(ledger.faults.stations).toMatchObject([{ station: 'products', arrived: 2, served: 2, turnedAway: 0 }])
    expect(ledger.faults.stations[0]!.wait).toMatchObject({ count: 2, sumMs: queueWait!.sumMs })
    expect(ledger.faults.stations[0]!.service).toMatchObject({ count: 2, minMs: 400, maxMs: 400 })
    // The two visits are planned at most 400 ms apart, and never end early.
    expect(ledger.faults.rules[0]!.plannedDelay!.sumMs).toBeCloseTo(800 + queueWait!.maxMs, 6)
    expect(ledger.faults.rules[0]!.actualDelay!.sumMs).toBeGreaterThanOrEqual(800 + queueWait!.maxMs)
  })

  it('turns a request away that has waited too long', async () => {
    const target = await targetWith(rule('products', 'products.get', { ...busy, queue: 5, timeout: '50ms' }))
    send(target, '/products/1')
    await untilStation(target, ({ busy }) => busy === 1)
    const answer = await fetch(`${target.url}/products/2`)
    expect(answer.status).toBe(503)
    expect(((await answer.json()) as Problem).detail).toBe('station products: no server came free within 50 ms')
    const told = Number(/queue;dur=([\d.]+)/.exec(answer.headers.get('server-timing')!)![1])
    const { queueWait } = operation(await currentLedger(target), 'products.get')!
    expect(queueWait!.count).toBe(1)
    expect(queueWait!.sumMs).toBeCloseTo(told, 2)
    expect(Number(/queue;dur=([\d.]+)/.exec(answer.headers.get('server-timing')!)?.[1])).toBeGreaterThanOrEqual(50)
    expect(await station(target)).toMatchObject({ busy: 1, queued: 0, timedOut: 1, turnedAway: 0, timeoutMs: 50 })
  })

  it('resets the connections of those it has no place for', async () => {
    const target = await targetWith(rule('products', 'products.get', { ...busy, onFull: 'reset' }))
    send(target, '/products/1')
    await untilStation(target, ({ busy }) => busy === 1)
    expect(await rawExchange(target.port, '/products/2')).toMatchObject({ errorCode: 'ECONNRESET', head: '' })
    const { cut, aborted } = operation(await currentLedger(target), 'products.get')!
    expect({ cut, aborted }).toEqual({ cut: 1, aborted: 0 })
  })

  it('has those hang it has no place for, until they leave', async () => {
    const target = await targetWith(rule('products', 'products.get', { ...busy, onFull: 'hang' }))
    send(target, '/products/1')
    await untilStation(target, ({ busy }) => busy === 1)
    const hanging = send(target, '/products/2')
    await untilStation(target, ({ turnedAway }) => turnedAway === 1)
    await untilUnderWay(target.url, 2)
    hanging.destroy()
    await untilUnderWay(target.url, 1)
    const { cut, aborted } = operation(await currentLedger(target), 'products.get')!
    expect({ cut, aborted }).toEqual({ cut: 0, aborted: 1 })
  })

  it('gives the place of a client that left the queue to others, and finishes the service of one that was served', async () => {
    const target = await targetWith(rule('products', 'products.get', { ...busy, queue: 1 }))
    const served = send(target, '/products/1')
    await untilStation(target, ({ busy }) => busy === 1)
    const waiting = send(target, '/products/2')
    await untilStation(target, ({ queued }) => queued === 1)
    waiting.destroy()
    await untilStation(target, ({ abandoned, queued }) => abandoned === 1 && queued === 0)
    served.destroy()
    await untilUnderWay(target.url, 0)
    expect(await station(target)).toMatchObject({ busy: 1, queued: 0, served: 0, abandoned: 1 })
    expect((await currentLedger(target)).faults.stations).toMatchObject([{ arrived: 2, abandoned: 1, served: 0 }])
  })

  it('keeps waiting requests when its settings change, and releases them when its rule is removed', async () => {
    const target = await targetWith(rule('products', 'products.get', { ...busy, queue: 5 }))
    const answers = [1, 2, 3].map(id => fetch(`${target.url}/products/${id}`))
    await untilStation(target, ({ queued }) => queued === 2)
    await change(target, [rule('products', 'products.get', { ...busy, queue: 5, servers: 2 })])
    expect(await station(target)).toMatchObject({ busy: 2, queued: 1, arrived: 3 })
    await change(target, [])
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200])
    const ledger = await target.settledLedger()
    expect(ledger.faults.stations).toMatchObject([{ arrived: 3, released: 3, served: 0 }])
    expect(await (await fetch(`${target.url}/_loadcell/capacity`)).json()).toEqual({ stations: [] })
  })

  it('is as full as it was after a reset of the ledger, and counts from there', async () => {
    const target = await targetWith(rule('products', 'products.get', { servers: 1, service: '300ms', queue: 2 }))
    const answers = [1, 2, 3, 4].map(id => fetch(`${target.url}/products/${id}`))
    await untilStation(target, ({ arrived, queued }) => arrived === 4 && queued === 2)
    const reset = await fetch(`${target.url}/_loadcell/reset?what=ledger`, { method: 'POST' })
    expect(reset.status).toBe(200)
    const { arrived, served, busy, queued, turnedAway } = await station(target)
    expect({ turnedAway, arrived }).toEqual({ turnedAway: 0, arrived: served + busy + queued })
    const rules = async () => (await (await fetch(`${target.url}/_loadcell/faults`)).json()) as FaultsReport
    expect((await rules()).rules).toMatchObject([{ matched: 0, injected: 0 }])
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 503])
    expect((await fetch(`${target.url}/products/5`)).status).toBe(200)
    expect(await station(target)).toMatchObject({ turnedAway: 0, busy: 0, queued: 0 })
    expect((await rules()).rules).toMatchObject([{ matched: 1, injected: 1 }])
    const ledger = await target.settledLedger()
    expect(ledger.faults.stations).toMatchObject([{ arrived: 1, served: 1 }])
    expect(ledger.faults.rules).toMatchObject([{ matched: 1, injected: 1 }])
  })

  it('serves no more than its knee in a run', async () => {
    const target = await targetWith(rule('products', 'products.get', { servers: 2, service: '20ms' }))
    const startedAt = performance.now()
    const client = async (first: number) => {
      for (let id = first; id < first + 8; id++) await (await fetch(`${target.url}/products/${id}`)).text()
    }
    await Promise.all(Array.from({ length: 10 }, (_, at) => client(1 + 8 * at)))
    const lastedMs = performance.now() - startedAt
    const { served, kneePerSecond } = await station(target)
    expect(served).toBe(80)
    expect(kneePerSecond).toBe(100)
    expect(served).toBeLessThanOrEqual((kneePerSecond! * lastedMs) / 1000 + 2)
  })

  it('draws the same service time for the same key, whatever other requests come', async () => {
    const service = { type: 'exponential', mean: '5ms' } as const
    const sums = await Promise.all(
      [1, -1].map(async direction => {
        const target = await targetWith(rule('products', 'products.get', { servers: 50, service }))
        const keys = Array.from({ length: 30 }, (_, at) => `exchange-${at}`)
        await Promise.all(
          (direction === 1 ? keys : keys.toReversed()).map(key =>
            fetch(`${target.url}/products/1`, { headers: { 'x-loadcell-exchange': key } }),
          ),
        )
        const { service: found } = await station(target)
        expect(found.count).toBe(30)
        return [found.sumMs, found.minMs, found.maxMs]
      }),
    )
    expect(sums[0]![0]).toBeCloseTo(sums[1]![0]!, 6)
    expect(sums[0]!.slice(1)).toEqual(sums[1]!.slice(1))
  })

  it('reports the prediction of theory for its arrivals', async () => {
    const service = { type: 'exponential', mean: '4ms' } as const
    const target = await targetWith(rule('products', 'products.get', { servers: 2, service, queue: 10 }))
    expect((await station(target)).theory).toEqual({ serviceVariation: 1, predictions: [] })
    for (let id = 1; id <= 5; id++) await fetch(`${target.url}/products/${id}`)
    const { theory, kneePerSecond } = await station(target)
    expect(kneePerSecond).toBe(500)
    expect(theory.utilisation).toBeCloseTo(theory.arrivalsPerSecond! / 500, 9)
    expect(theory.predictions.map(({ model }) => model)).toEqual(['M/M/c', 'M/M/c/K', 'G/G/c (Allen–Cunneen)'])
    expect(theory.predictions[1]!.turnedAwayShare).toBeGreaterThan(0)
  })
})

describe('a handshake', () => {
  it('of a WebSocket passes the station, which it leaves when it is open', async () => {
    const target = await targetWith(rule('quotes', 'sockets.quotes', { servers: 1, service: '5ms' }))
    const url = `${target.url.replace('http', 'ws')}/ws/quotes`
    for (let ordinal = 0; ordinal < 2; ordinal++) {
      const socket = new WebSocket(url)
      onTestFinished(() => socket.terminate())
      await once(socket, 'open')
    }
    expect(await station(target)).toMatchObject({ served: 2, busy: 0 })
  })

  it('of a WebSocket is refused by a full station, and leaves the queue with its client', async () => {
    const target = await targetWith(rule('quotes', 'sockets.quotes', { ...busy, queue: 1 }))
    const url = `${target.url.replace('http', 'ws')}/ws/quotes`
    const sockets = [new WebSocket(url), new WebSocket(url)]
    for (const socket of sockets) socket.on('error', () => {})
    await untilStation(target, ({ busy, queued }) => busy === 1 && queued === 1)
    const refused = new WebSocket(url)
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(503)
    for (const socket of sockets) socket.terminate()
    await untilStation(target, ({ abandoned }) => abandoned === 1)
  })

  it('of a stream passes the station, which it leaves when it is open', async () => {
    const target = await targetWith(rule('streams', 'streams.*', { servers: 1, service: '5ms', queue: 0 }))
    const token = await target.token('consumer')
    for (let ordinal = 0; ordinal < 2; ordinal++) {
      const cut = new AbortController()
      onTestFinished(() => cut.abort())
      const answer = await fetch(`${target.url}/v1/streams/notifications?channels=inventory`, {
        headers: { authorization: `Bearer ${token}` },
        signal: cut.signal,
      })
      expect(answer.status).toBe(200)
    }
    expect(await station(target)).toMatchObject({ served: 2, busy: 0 })
  })
})

async function currentLedger(target: TestTarget) {
  return (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as Awaited<
    ReturnType<TestTarget['settledLedger']>
  >
}
