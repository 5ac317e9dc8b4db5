import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedMessage } from '../../harness/bus/link.ts'
import { coordinatorCodec, workerCodec } from '../../harness/coordination/message-codecs.ts'
import type { ToCoordinator, ToWorker } from '../../harness/coordination/messages.ts'
import type { Interval } from '../../harness/metrics/interval.ts'
import { Measurements } from '../../harness/metrics/measurements.ts'
import type { Observations } from '../../harness/metrics/observations.ts'
import { Snapshot } from '../../harness/metrics/snapshot.ts'

const seeded = { seed: 20_261_129 }

const count = fc.integer({ min: 0, max: 10_000 })
const ms = fc.double({ min: 0, max: 20_000_000, noNaN: true })
const offsetMs = fc.integer({ min: -5000, max: 5_000_000 }).map(offset => offset / 1000)
const word = fc.string({ maxLength: 12 })

const tags = fc.record(
  { name: fc.constantFrom('/a', '/b "ü"', ''), user: fc.constantFrom('u', 'v') },
  { requiredKeys: [] },
)
const metric = {
  counter: fc.constantFrom('http_reqs', 'my_counter'),
  rate: fc.constantFrom('checks', 'my_rate'),
  gauge: fc.constantFrom('vus', 'my_gauge'),
  trend: fc.constantFrom('http_req_duration', 'my_trend'),
}

/** Records something into a snapshot. */
type Recording = (snapshot: Snapshot) => void

const recording: fc.Arbitrary<Recording> = fc.oneof(
  fc.tuple(metric.counter, tags, count).map(
    ([name, tags, amount]): Recording =>
      snapshot => {
        snapshot.valueOf(name, 'counter', tags).total += amount
      },
  ),
  fc.tuple(metric.rate, tags, count, count).map(
    ([name, tags, hits, misses]): Recording =>
      snapshot => {
        const rate = snapshot.valueOf(name, 'rate', tags)
        rate.hits += hits
        rate.total += hits + misses
      },
  ),
  fc
    .tuple(
      metric.gauge,
      tags,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.option(offsetMs, { nil: undefined }),
    )
    .map(
      ([name, tags, value, atMs]): Recording =>
        snapshot =>
          snapshot.valueOf(name, 'gauge', { ...tags, timed: String(atMs !== undefined) }).set(1, value, atMs),
    ),
  fc.tuple(metric.trend, tags, fc.array(ms, { maxLength: 300 })).map(
    ([name, tags, values]): Recording =>
      snapshot => {
        for (const value of values) snapshot.valueOf(name, 'trend', tags).histogram.record(value)
      },
  ),
  fc.tuple(word, offsetMs, word).map(
    ([name, at, example]): Recording =>
      snapshot =>
        snapshot.errors.record({ reason: 'status', name, status: 503, example }, at),
  ),
)

const delta = fc.array(recording, { maxLength: 30 }).map(recordings => {
  const snapshot = new Snapshot()
  for (const record of recordings) record(snapshot)
  return snapshot
})

const lag = fc.array(fc.option(count, { nil: undefined }), { maxLength: 5 })
const observations: fc.Arbitrary<Observations> = fc.record({
  consumers: fc.uniqueArray(fc.record({ key: word, received: count }), { maxLength: 5, selector: ({ key }) => key }),
  consumersNotKept: count,
  breaks: fc.array(
    fc.record({
      worker: count,
      connection: count,
      who: word,
      brokenAtMs: offsetMs,
      backAtMs: fc.option(offsetMs, { nil: undefined }),
    }),
    { maxLength: 4 },
  ),
  marks: fc.array(fc.record({ atMs: offsetMs, label: word, detail: word }), { maxLength: 3 }),
  lag: fc
    .array(
      fc.tuple(
        word,
        fc.record({
          stream: word,
          group: word,
          lag,
          members: fc
            .array(fc.tuple(word, fc.record({ partitions: fc.array(count, { maxLength: 3 }), lag })), { maxLength: 3 })
            .map(members => new Map(members)),
          incomplete: fc.boolean(),
        }),
      ),
      { maxLength: 3 },
    )
    .map(groups => new Map(groups)),
  lagUnavailable: fc.option(word, { nil: undefined }),
  receipts: fc
    .array(fc.record({ sequence: word, ordinal: count, tags, firstAt: ms, lastAt: ms, receipts: count }), {
      maxLength: 3,
    })
    .map(list => ({ stride: 1, events: new Map(list.map(one => [`${one.sequence} ${one.ordinal}`, one])) })),
  slowest: fc.array(
    fc.record({ trace: word, name: word, method: word, status: count, dueMs: offsetMs, responseMs: ms, serviceMs: ms }),
    { maxLength: 3 },
  ),
})

const interval: fc.Arbitrary<Interval> = fc.record(
  {
    second: fc.integer({ min: -1, max: 100 }),
    worker: fc.nat(5),
    fromMs: offsetMs,
    toMs: offsetMs,
    delta,
    offered: count,
    gauges: fc.record({ users: count, streams: count, sockets: count }),
    present: fc.record({ streams: count, sockets: count, begunUsers: count }),
    loads: fc.array(fc.record({ load: word, offered: count, users: count, activeUsers: count }), { maxLength: 2 }),
    generator: fc.record({ cpu: ms, eventLoopDelayP99Ms: ms, gc: ms }),
    observations,
  },
  { requiredKeys: ['second', 'worker', 'fromMs', 'toMs', 'delta', 'offered', 'gauges'] },
)

/** Returns the samples in a fixed order. Histograms are compared by their buckets, because two encodings may reserve different space. */
function samplesIn(snapshot: Snapshot) {
  const sorted = snapshot.sorted()
  return {
    series: sorted
      .list()
      .map(({ key, value }) => [
        key,
        value.kind === 'trend'
          ? value.histogram.toBuckets()
          : value.kind === 'gauge'
            ? [value.readings(), value.last, value.max, value.min]
            : value,
      ]),
    errors: sorted.errors.rows(),
  }
}

/** Returns everything in an interval in a form that can be compared. */
function contents({ delta, ...rest }: Interval) {
  return { ...rest, ...samplesIn(delta) }
}

function received(message: ToCoordinator): ToCoordinator {
  return coordinatorCodec.decode(workerCodec.encode(message))
}

describe('messages between a worker and its coordinator', () => {
  it('carry an interval with all its samples and observations', () => {
    fc.assert(
      fc.property(interval, fc.nat(), (interval, sequence) => {
        const sent = { kind: 'interval', sequence, phase: 'run', interval } as const
        const { interval: arrived, ...rest } = received(sent) as Extract<ToCoordinator, { kind: 'interval' }>
        expect(rest).toEqual({ kind: 'interval', sequence, phase: 'run' })
        expect(contents(arrived)).toEqual(contents(interval))
      }),
      { ...seeded, numRuns: 60 },
    )
  })

  it('carry intervals that merge to what the originals merge to', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 5 }), intervals => {
        const [near, far] = [new Measurements(), new Measurements()]
        for (const interval of intervals) {
          near.add(interval)
          const message = received({ kind: 'interval', sequence: 1, phase: 'run', interval })
          far.add((message as Extract<ToCoordinator, { kind: 'interval' }>).interval)
        }
        expect(samplesIn(far.snapshot)).toEqual(samplesIn(near.snapshot))
        expect(far.observations).toEqual(near.observations)
        expect(far.seconds).toEqual(near.seconds)
      }),
      { ...seeded, numRuns: 30 },
    )
  })

  it.each<ToWorker>([
    {
      kind: 'assign',
      runId: 'r',
      share: { index: 1, of: 2 },
      job: { scenario: 'x' },
      targetUrl: 'http://127.0.0.1',
      identify: true,
      version: '1.2.3',
    },
    { kind: 'ping', id: 3 },
    { kind: 'start', phase: 'run', at: 1234.5, timelineAtMs: -3, shared: { value: { a: [1, null] } } },
    { kind: 'control', sequence: 1, atMs: 0, command: { action: 'stop' } },
    { kind: 'go', phase: 'run', load: 1, at: 12.5 },
    { kind: 'settle' },
    { kind: 'acknowledge', sequence: 9 },
    { kind: 'dismiss' },
  ])('carry the message $kind to a worker', message => {
    expect(workerCodec.decode(coordinatorCodec.encode(message))).toEqual(message)
  })

  it.each<ToCoordinator>([
    { kind: 'ready', version: '1', node: 'v24', host: 'h', pid: 1, cores: 2, wallTime: 1.5, place: 'eu' },
    { kind: 'pong', id: 3, wallTime: 5 },
    { kind: 'prepared', digest: 'abc' },
    { kind: 'mark', mark: { atMs: 1, label: 'paused', detail: '' } },
    { kind: 'begun', phase: 'run', load: 1 },
    { kind: 'ended', phase: 'warmup', atMs: 3000.25 },
    { kind: 'finished', intervals: 12 },
    { kind: 'failed', outcome: { state: 'scenario_failed', detail: 'It threw.' } },
    { kind: 'heartbeat' },
  ])('carry the message $kind to the coordinator', message => {
    expect(received(message)).toEqual(message)
  })

  it.each([
    ['no JSON', 'hello', 'expected a message between coordinator and worker, got "hello"'],
    ['a number', '7', 'expected a message of a known kind, got 7'],
    ['an unknown kind', '{"kind":"hi"}', 'expected a message of a known kind, got "hi"'],
    ['a name of every object', '{"kind":"toString"}', 'expected a message of a known kind, got "toString"'],
    ['a missing field', '{"kind":"pong","id":1}', 'the message pong: wallTime: expected a number, got nothing'],
    ['an empty object', '{"kind":"mark","mark":null}', 'the message mark: mark: expected a object, got null'],
    [
      'an interval without samples',
      '{"kind":"interval","sequence":1,"phase":"run","interval":{}}',
      'the interval 1 cannot be read',
    ],
    [
      'an interval with an impossible histogram',
      '{"kind":"interval","sequence":1,"phase":"run","interval":{"delta":{"series":[["m",{},["t",[1,-1],1,1,1]]],"errors":[]}}}',
      'a bucket is impossible',
    ],
  ])('are refused with a reason when they are %s', (_, text, reason) => {
    expect(() => coordinatorCodec.decode(text)).toThrow(MalformedMessage)
    expect(() => coordinatorCodec.decode(text)).toThrow(reason)
  })
})
