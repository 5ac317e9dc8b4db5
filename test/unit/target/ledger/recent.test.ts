import { describe, expect, it } from 'vitest'
import { operationNames } from '../../../../contract/api/operations.ts'
import { Ledger } from '../../../../target/ledger/ledger.ts'
import { RecentRequests } from '../../../../target/ledger/recent.ts'
import { Row } from '../../../../target/ledger/row.ts'
import { Lifecycle } from '../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { plenty } from '../../../support/memory.ts'

function setUp() {
  const clock = new FakeClock()
  const limits = { runs: 3, records: 8, consumers: 2, details: false, lateAfter: '50ms' }
  const ledger = new Ledger(limits, { clock, memory: plenty(), lifecycle: new Lifecycle() })
  ledger.recent = new RecentRequests()
  const open = (run = 'r') => new Row(ledger, ledger.of(run), operationNames.indexOf('products.get'))
  return { clock, ledger, open }
}

describe('recent requests', () => {
  it('tell where the time of a request went', async () => {
    const { clock, ledger, open } = setUp()
    const row = open()
    row.faulted = { delays: 1, plannedDelayMs: 30, delayMs: 31, queuedMs: 5, servedMs: 4 }
    row.handlerStartedAt = undefined
    await clock.advance(40)
    row.handlerStartedAt = clock.now()
    await clock.advance(3)
    row.handled(clock.now())
    row.headSent()
    await clock.advance(2)
    row.answered(200)
    expect(ledger.recent?.latest(5, 1000)).toEqual([
      {
        operation: 'products.get',
        run: 'r',
        status: 200,
        outcome: 'completed',
        startedAt: 1000,
        totalMs: 45,
        delayedMs: 31,
        queuedMs: 5,
        servedMs: 4,
        handlerMs: 3,
        sendingMs: 2,
        late: false,
      },
    ])
  })

  it('are the latest only, newest first, without streams', async () => {
    const { clock, ledger, open } = setUp()
    for (let at = 0; at < 100; at++) {
      const row = open(`run-${at % 3}`)
      await clock.advance(1)
      row.answered(at % 2 === 0 ? 200 : 404)
    }
    const stream = open()
    stream.streamOpened(200)
    stream.streamEnded()
    const latest = ledger.recent!.latest(3, 0)
    expect(latest.map(({ startedAt, status }) => [startedAt, status])).toEqual([
      [99, 404],
      [98, 200],
      [97, 404],
    ])
    expect(ledger.recent!.latest(1000, 0)).toHaveLength(32)
  })
})

describe('the latest records', () => {
  it('are those of one run and operation, newest first, and no more than wanted', () => {
    const { ledger, open } = setUp()
    for (let at = 0; at < 12; at++) open(at % 2 === 0 ? 'even' : 'odd').answered(200)
    const ordinals = (run: string, most: number) => ledger.latestRecords(run, most).map(({ ordinal }) => ordinal)
    expect(ordinals('even', 2)).toEqual([10, 8])
    expect(ordinals('odd', 100)).toEqual([11, 9, 7, 5])
    expect(ledger.latestRecords('even', 5, 'orders.create')).toEqual([])
    expect(ledger.latestRecords('nobody', 5)).toEqual([])
  })

  it('can be visited from an ordinal on, the latest first to be kept', () => {
    const { ledger, open } = setUp()
    for (let at = 0; at < 12; at++) open().answered(200 + at)
    const visited = (ordinal: number, most: number) => {
      const statuses: number[] = []
      const count = ledger.records.visitSince(ordinal, most, (_operation, status) => statuses.push(status))
      expect(count).toBe(statuses.length)
      return statuses
    }
    expect(visited(10, 100)).toEqual([210, 211])
    expect(visited(0, 100)).toHaveLength(8)
    expect(visited(0, 3)).toEqual([209, 210, 211])
    expect(visited(12, 3)).toEqual([])
  })
})
