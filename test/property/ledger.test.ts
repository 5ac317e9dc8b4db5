import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { operationNames } from '../../contract/api/operations.ts'
import type { ConsumerBook } from '../../target/exchange/account.ts'
import { Ledger } from '../../target/ledger/ledger.ts'
import { Row } from '../../target/ledger/row.ts'
import { Lifecycle } from '../../target/lifecycle/lifecycle.ts'
import { handedOver } from '../support/consumer-book.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { plenty } from '../support/memory.ts'

const RUNS = ['a', 'b', 'c']
const LIMITS = { runs: 3, records: 5, consumers: 2, details: false, lateAfter: '50ms' }

/** Keeps everything known about each request in plain objects. */
interface NaiveRequest {
  run: string
  operation: string
  state: 'open' | 'stream' | 'ended'
  status: number
  aborted: boolean
  cut: boolean
  bytesIn: number
  bytesOut: number
  endedAs: number
}

interface NaiveStream {
  run: string
  key: string
  delivered: number
  dropped: number
  unsent: number
  closedBy: string | undefined
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    run: fc.constantFrom(...RUNS),
    operation: fc.nat(operationNames.length - 1),
  }),
  fc.record({
    do: fc.constantFrom(
      'answer' as const,
      'abort' as const,
      'cut' as const,
      'streamOpen' as const,
      'streamEnd' as const,
    ),
    which: fc.nat(20),
    status: fc.constantFrom(200, 202, 400, 404, 503),
    bytes: fc.nat(1000),
  }),
  fc.record({
    do: fc.constant('consumer' as const),
    run: fc.constantFrom(...RUNS),
    key: fc.constantFrom('x', 'y', 'z'),
  }),
  fc.record({
    do: fc.constantFrom('deliver' as const, 'drop' as const, 'close' as const),
    which: fc.nat(10),
    frames: fc.nat(5),
  }),
)

it('counts the same as plain objects, in any order of events', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const ledger = new Ledger(LIMITS, { clock: new FakeClock(), memory: plenty(), lifecycle: new Lifecycle() })
      const requests: { row: Row; naive: NaiveRequest }[] = []
      const streams: { book: ConsumerBook; naive: NaiveStream }[] = []
      let ended = 0
      for (const action of steps) {
        if (action.do === 'open') {
          const row = new Row(ledger, ledger.of(action.run), action.operation)
          const operation = operationNames[action.operation]!
          const naive = { run: action.run, operation, status: 0, bytesIn: 0, bytesOut: 0, endedAs: -1 }
          requests.push({ row, naive: { ...naive, state: 'open', aborted: false, cut: false } })
        } else if (action.do === 'consumer') {
          const book = ledger.of(action.run).openConsumer(action.key, ['orders'], false)
          const naive = { run: action.run, key: action.key, delivered: 0, dropped: 0, unsent: 0, closedBy: undefined }
          streams.push({ book, naive })
        } else if ('frames' in action) {
          const stream = streams[action.which]
          if (stream === undefined) continue
          const { book, naive } = stream
          if (action.do === 'deliver') {
            book.delivered(handedOver(action.frames))
            naive.delivered += action.frames
          } else if (action.do === 'drop') {
            for (let n = 0; n < action.frames; n += 1) book.dropped('drop_newest', { about: { kind: 'event' } })
            naive.dropped += action.frames
          } else {
            book.closed('client', action.frames)
            if (naive.closedBy === undefined) naive.unsent += action.frames
            naive.closedBy = 'client'
          }
        } else {
          const request = requests[action.which]
          if (request === undefined) continue
          const { row, naive } = request
          if (naive.state !== 'ended') row.bytesIn = row.bytesOut = naive.bytesIn = naive.bytesOut = action.bytes
          const [from, to] = TRANSITIONS[action.do]
          if (action.do === 'answer') row.answered(action.status)
          if (action.do === 'abort') row.interrupted('aborted')
          if (action.do === 'cut') row.interrupted('cut', action.status)
          if (action.do === 'streamOpen') row.streamOpened(action.status)
          if (action.do === 'streamEnd') row.streamEnded()
          if (naive.state !== from) continue
          naive.state = to
          if (action.do === 'answer' || action.do === 'streamOpen') naive.status = action.status
          if (action.do === 'abort') Object.assign(naive, { aborted: true, bytesOut: 0 })
          if (action.do === 'cut') Object.assign(naive, { cut: true, status: action.status })
          if (to === 'ended') naive.endedAs = ended++
        }
      }
      for (const run of RUNS) {
        expectReport(
          ledger,
          run,
          requests.map(({ naive }) => naive),
          streams.map(({ naive }) => naive),
          ended,
        )
      }
    }),
    { seed: 7, numRuns: 300 },
  )
})

const TRANSITIONS = {
  answer: ['open', 'ended'],
  abort: ['open', 'ended'],
  cut: ['open', 'ended'],
  streamOpen: ['open', 'stream'],
  streamEnd: ['stream', 'ended'],
} as const

function expectReport(
  ledger: Ledger,
  run: string,
  all: NaiveRequest[],
  allStreams: NaiveStream[],
  ended: number,
): void {
  const report = ledger.report(run)
  const mine = all.filter(request => request.run === run)
  const streams = allStreams.filter(stream => stream.run === run)
  for (const operation of operationNames) {
    const requests = mine.filter(request => request.operation === operation)
    const account = report.operations.find(account => account.operation === operation)
    expect(account !== undefined).toBe(requests.length > 0)
    if (account === undefined) continue
    const over = requests.filter(({ state }) => state === 'ended')
    expect(account.arrivals).toBe(requests.length)
    expect(account.aborted).toBe(requests.filter(({ aborted }) => aborted).length)
    expect(account.cut).toBe(requests.filter(({ cut }) => cut).length)
    expect(account.unanswered).toBe(account.aborted)
    expect(account.statuses).toEqual(countBy(requests.filter(({ status }) => status > 0).map(({ status }) => status)))
    expect({ bytesIn: account.bytesIn, bytesOut: account.bytesOut }).toEqual({
      bytesIn: sum(over, 'bytesIn'),
      bytesOut: sum(over, 'bytesOut'),
    })
    expect(account.arrivalGap.count).toBe(requests.length - 1)
  }
  expect(report.open).toEqual({
    requests: mine.filter(({ state }) => state !== 'ended').length,
    streams: streams.filter(({ closedBy }) => closedBy === undefined).length,
  })
  expect(report.events).toMatchObject({ delivered: sum(streams, 'delivered'), unsent: sum(streams, 'unsent') })
  expect(report.events.dropped['drop_newest'] ?? 0).toBe(sum(streams, 'dropped'))
  expect(report.streams).toMatchObject({ opened: streams.length })
  const kept = [...new Set(streams.map(({ key }) => key))].slice(0, LIMITS.consumers)
  expect(report.consumers.map(({ key, delivered }) => [key, delivered])).toEqual(
    kept.map(key => [
      key,
      sum(
        streams.filter(stream => stream.key === key),
        'delivered',
      ),
    ]),
  )
  expect(report.consumersNotKept).toBe(streams.filter(({ key }) => !kept.includes(key)).length)
  const records = mine.filter(({ endedAs }) => endedAs >= Math.max(0, ended - LIMITS.records))
  expect([...ledger.recordsOf(run)].map(({ ordinal, status, bytesOut }) => [ordinal, status, bytesOut])).toEqual(
    records.sort((a, b) => a.endedAs - b.endedAs).map(({ endedAs, status, bytesOut }) => [endedAs, status, bytesOut]),
  )
  expect(report.records.kept).toBe(records.length)
}

function countBy(values: number[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

function sum<K extends string>(items: Record<K, number>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0)
}
