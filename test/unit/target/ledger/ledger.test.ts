import { describe, expect, it } from 'vitest'
import type { Configuration } from '../../../../target/configuration/configuration.ts'
import { operationNames, type OperationName } from '../../../../contract/api/operations.ts'
import { LateWatch } from '../../../../target/ledger/loop-watch.ts'
import { Ledger } from '../../../../target/ledger/ledger.ts'
import { Row } from '../../../../target/ledger/row.ts'
import { Lifecycle } from '../../../../target/lifecycle/lifecycle.ts'
import { handedOver } from '../../../support/consumer-book.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { plenty } from '../../../support/memory.ts'

function setUp(limits: Partial<Configuration['ledger']> = {}) {
  const clock = new FakeClock()
  const ledger = new Ledger(
    { runs: 3, records: 4, consumers: 2, details: false, lateAfter: '50ms', ...limits },
    {
      clock,
      memory: plenty(),
      lifecycle: new Lifecycle(),
    },
  )
  const open = (run: string, operation: OperationName = 'events.publish') =>
    new Row(ledger, ledger.of(run), operationNames.indexOf(operation))
  return { clock, ledger, open }
}

describe('a row', () => {
  it('counts its arrival at once and its end once', async () => {
    const { clock, ledger, open } = setUp()
    const row = open('r')
    row.bytesIn = 10
    expect(ledger.report('r')).toMatchObject({ open: { requests: 1 }, operations: [{ arrivals: 1, statuses: {} }] })
    await clock.advance(5)
    row.headSent()
    await clock.advance(7)
    row.bytesOut = 20
    row.answered(202)
    row.answered(202)
    row.interrupted('aborted')
    const report = ledger.report('r')
    expect(report).toMatchObject({ open: { requests: 0, streams: 0 }, firstAt: 1_700_000_000_000, late: 0 })
    expect(report.lastAt).toBe(1_700_000_000_012)
    expect(report.operations).toMatchObject([
      {
        operation: 'events.publish',
        method: 'POST',
        path: '/v1/events/publish',
        arrivals: 1,
        aborted: 0,
        statuses: { 202: 1 },
        bytesIn: 10,
        bytesOut: 20,
        firstByte: { count: 1, maxMs: 5 },
        lastByte: { count: 1, maxMs: 12 },
      },
    ])
  })

  it('separates the time of its handler from that of faults', async () => {
    const { clock, ledger, open } = setUp()
    const row = open('r')
    row.handlerStartedAt = undefined
    row.faulted = { delays: 2, plannedDelayMs: 30, delayMs: 31, queuedMs: 0, servedMs: 0 }
    await clock.advance(31)
    row.visited(4, 5)
    await clock.advance(9)
    row.handlerStartedAt = clock.now()
    await clock.advance(3)
    row.handled(clock.now())
    await clock.advance(100)
    // A second answer, because the first could not be sent.
    row.handled(clock.now())
    row.headSent()
    row.answered(200)
    expect(ledger.report('r').operations).toMatchObject([
      {
        handler: { count: 1, maxMs: 3 },
        queueWait: { count: 1, maxMs: 4 },
        stationService: { count: 1, maxMs: 5 },
        plannedDelay: { count: 1, maxMs: 30 },
        actualDelay: { count: 1, maxMs: 31 },
        firstByte: { count: 1, maxMs: 143 },
      },
    ])
  })

  it('that a fault has answered has no handler time, and one without a fault no delays', async () => {
    const { clock, ledger, open } = setUp()
    const affected = open('r')
    affected.handlerStartedAt = undefined
    affected.faulted = { delays: 0, plannedDelayMs: 0, delayMs: 0, queuedMs: 0, servedMs: 0 }
    await clock.advance(5)
    affected.handled(clock.now())
    affected.answered(503)
    await clock.advance(20)
    const row = open('r')
    await clock.advance(2)
    row.handled(clock.now())
    row.answered(200)
    const [account] = ledger.report('r').operations
    expect(account).toMatchObject({ handler: { count: 1, maxMs: 2 }, arrivalGap: { count: 1, maxMs: 25 } })
    expect(account).not.toHaveProperty('plannedDelay')
    expect(account).not.toHaveProperty('queueWait')
  })

  it('is aborted without a status, and its sent part is not counted', () => {
    const { ledger, open } = setUp()
    const row = open('r')
    row.bytesOut = 99
    row.interrupted('aborted')
    row.answered(200)
    expect(ledger.report('r').operations).toMatchObject([{ arrivals: 1, aborted: 1, statuses: {}, bytesOut: 0 }])
    expect([...ledger.recordsOf('r')]).toMatchObject([{ outcome: 'aborted', status: 0 }])
  })

  it('of a stream counts its status at its head, and its end is no response time', async () => {
    const { clock, ledger, open } = setUp()
    const row = open('r', 'streams.read')
    await clock.advance(4)
    row.streamOpened(200)
    expect(ledger.report('r').operations).toMatchObject([{ handler: { count: 1, maxMs: 4 } }])
    expect(ledger.report('r')).toMatchObject({ open: { requests: 1 }, operations: [{ statuses: { 200: 1 } }] })
    await clock.advance(1000)
    row.bytesOut += 500
    // The connection's own end is not the stream's business.
    row.interrupted('aborted')
    row.streamEnded()
    row.streamEnded()
    expect(ledger.report('r')).toMatchObject({
      open: { requests: 0 },
      operations: [
        { statuses: { 200: 1 }, aborted: 0, bytesOut: 500, lastByte: { count: 0 }, firstByte: { count: 1 } },
      ],
    })
  })
})

describe('runs', () => {
  it('past the limit lose the one that was quiet the longest, not one under way', async () => {
    const { clock, ledger, open } = setUp()
    const busy = open('busy')
    for (const run of ['a', 'b']) {
      await clock.advance(1)
      open(run).answered(200)
    }
    open('c')
    expect(ledger.runs().sort()).toEqual(['b', 'busy', 'c'])
    busy.answered(200)
    expect(ledger.report('busy').operations[0]?.statuses).toEqual({ 200: 1 })
  })

  it('that were never used have an empty report', () => {
    const { ledger } = setUp()
    expect(ledger.report('nobody')).toMatchObject({ run: 'nobody', operations: [], open: { requests: 0, streams: 0 } })
    expect(ledger.report('nobody').firstAt).toBeUndefined()
    expect(ledger.runs()).toEqual([])
  })

  it('start over after a reset, whatever was under way', () => {
    const { ledger, open } = setUp()
    const row = open('r')
    ledger.forgetCounts()
    row.answered(200)
    expect(ledger.report('r').operations).toEqual([])
    open('r').answered(201)
    expect(ledger.report('r').operations).toMatchObject([{ arrivals: 1, statuses: { 201: 1 } }])
    expect([...ledger.recordsOf('r')].map(({ status }) => status)).toEqual([201])
  })
})

describe('records', () => {
  it('keep the last ones over all runs, and say how many they did not', () => {
    const { ledger, open } = setUp()
    for (const [index, run] of ['a', 'b', 'a', 'b', 'a', 'a'].entries()) open(run).answered(200 + index)
    expect([...ledger.recordsOf('a')].map(({ status }) => status)).toEqual([202, 204, 205])
    expect([...ledger.recordsOf('b')].map(({ status }) => status)).toEqual([203])
    expect(ledger.report('a').records).toEqual({ kept: 3, notKept: 1 })
    expect(ledger.report('b').records).toEqual({ kept: 1, notKept: 1 })
  })

  it('can be switched off', () => {
    const { ledger, open } = setUp({ records: 0 })
    open('a').answered(200)
    expect([...ledger.recordsOf('a')]).toEqual([])
    expect(ledger.report('a').records).toEqual({ kept: 0, notKept: 1 })
  })

  it('that are overwritten while they are read are left out', () => {
    const { ledger, open } = setUp()
    for (let status = 200; status < 204; status++) open('a').answered(status)
    const reading = ledger.recordsOf('a')[Symbol.iterator]()
    expect(reading.next().value).toMatchObject({ status: 200 })
    open('a').answered(204)
    open('a').answered(205)
    expect(reading.next().value).toMatchObject({ status: 202 })
  })
})

describe('consumers', () => {
  it('are kept under their key over reconnects, and past the limit counted only', () => {
    const { ledger } = setUp()
    const run = ledger.of('r')
    const first = run.openConsumer('one', ['orders'], false)
    first.delivered(handedOver(3))
    for (let n = 0; n < 2; n += 1) first.dropped('drop_oldest', { about: { kind: 'event', channel: 'orders' } })
    first.closed('client', 1)
    first.closed('client', 1)
    run.openConsumer('one', ['orders', 'pricing'], true).delivered(handedOver(1))
    run.openConsumer(undefined, ['orders'], false).delivered(handedOver(1))
    const third = run.openConsumer('three', ['orders'], false)
    third.reset()
    third.delivered(handedOver(10))
    run.streamRefused()
    const report = ledger.report('r')
    expect(report.consumers).toEqual([
      { key: 'one', streams: ['orders', 'pricing'], connections: 2, delivered: 4, dropped: 2, unsent: 1 },
      { key: 'connection-3', streams: ['orders'], connections: 1, delivered: 1, dropped: 0, unsent: 0 },
    ])
    expect(report).toMatchObject({
      consumersNotKept: 1,
      open: { streams: 3 },
      streams: { opened: 4, refused: 1, closed: { client: 1 }, resumed: 1, reset: 1, lifetime: { count: 1 } },
      events: { delivered: 15, dropped: { drop_oldest: 2 }, unsent: 1 },
    })
  })
})

describe('LateWatch', () => {
  it('marks the requests for which the target was late, and only those', async () => {
    const clock = new FakeClock()
    const watch = new LateWatch(clock, 50)
    watch.start()
    watch.stop()
    watch.tick()
    expect(watch.wasLate(0, clock.now())).toBe(false)
    await clock.advance(200)
    // Nothing has ticked for 200 ms: whoever ends now was held up, before any timer can say so.
    expect(watch.wasLate(100, clock.now())).toBe(true)
    watch.tick()
    // Began before the stall was noticed, or right after, in the turn that reads what had waited.
    expect(watch.wasLate(100, clock.now())).toBe(true)
    expect(watch.wasLate(200, clock.now())).toBe(true)
    await clock.advance(21)
    watch.tick()
    expect(watch.wasLate(clock.now(), clock.now())).toBe(false)
  })

  it('counts late requests', async () => {
    const { clock, ledger, open } = setUp()
    ledger.lateWatch.tick()
    const row = open('r')
    await clock.advance(500)
    row.answered(200)
    expect(ledger.report('r').late).toBe(1)
    expect([...ledger.recordsOf('r')]).toMatchObject([{ late: true, lastByteMs: 500 }])
  })
})
