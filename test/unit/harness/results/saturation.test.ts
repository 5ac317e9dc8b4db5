import { describe, expect, it } from 'vitest'
import { saturationOf } from '../../../../harness/results/saturation.ts'
import type { AlignedSeries } from '../../../../harness/results/server-series.ts'

type Values = (number | null)[]

const series = (name: string, values: Values, more: Partial<AlignedSeries> = {}): AlignedSeries => ({
  source: 'target',
  name,
  labels: {},
  values,
  ...more,
})
const cpu = (values: Values, limit = 2) => series('cpu_cores', values, { limit })
const loop = (values: Values) => series('event_loop_busy_share', values, { limit: 1 })

function judge(
  observed: AlignedSeries[],
  {
    generator = [],
    seconds = 6,
    ...more
  }: { generator?: number[]; seconds?: number; sharedCores?: number; problem?: string } = {},
) {
  const timeline = Array.from({ length: seconds }, (_, index) => ({
    atMs: (index + 1) * 1000,
    generatorCpu: generator[index] ?? 0.1,
    eventLoopDelayP99Ms: 1,
  }))
  return saturationOf({ timeline, series: observed, sharedCores: undefined, problem: undefined, ...more })
}

describe('saturationOf', () => {
  it('names the resource that was at its limit first, and those that followed', () => {
    const { state, sentence, reached } = judge(
      [loop([0.2, 0.96, 0.99, 1, 1, 1, 1, 1]), cpu([0.2, 0.5, 0.9, 1, 1.9, 1.95, 2, 2])],
      { seconds: 8 },
    )
    expect(state).toBe('reached')
    expect(sentence).toBe(
      'First to saturate: the event loop of the target (100 %, limit 95 %), from 1s on. Then the CPU of the target from 4s.',
    )
    expect(reached.map(({ resource, fromMs }) => [resource, fromMs])).toEqual([
      ['the event loop of the target', 1000],
      ['the CPU of the target', 4000],
    ])
  })

  it('does not put resources in order that reached their limits within a second of each other', () => {
    const { sentence } = judge([loop([0.5, 1, 1, 1, 1, 1]), cpu([0.5, 0.6, 0.99, 1, 1, 1], 1)])
    expect(sentence).toMatch(
      /^First to saturate, too close to tell which: the event loop .*; the CPU of the target .*; from 1s on\.$/,
    )
  })

  it('says that nothing saturated, and what came closest', () => {
    expect(judge([loop([0.2, 0.3, 0.4, 0.3, 0.2, 0.1]), cpu([0.1, 0.1, 0.1, 0.1, 0.1, 0.1])])).toEqual({
      state: 'none',
      sentence:
        'Nothing saturated; closest to its limit came the event loop of the target (30.0 % for 3 s, limit 95 %).',
      reached: [],
    })
  })

  it.each<[string, Values, boolean]>([
    ['two seconds', [0, 1, 1, 0, 1, 1], false],
    ['three seconds', [0, 1, 1, 1, 0, 0], true],
    ['three seconds with a gap between them', [0, 1, null, 1, 1, 0], true],
    ['just below the limit', [0.949, 0.949, 0.949, 0.949, 0.949, 0.949], false],
    ['exactly at the limit', [0.95, 0.95, 0.95, 0, 0, 0], true],
  ])('counts a limit only from three seconds in a row: %s', (_what, values, isReached) => {
    expect(judge([loop(values)]).state).toBe(isReached ? 'reached' : 'none')
  })

  it('cannot tell without metrics of the target, and says why', () => {
    expect(judge([], { problem: 'the target’s own metrics are unknown, because it is not one of Loadcell’s' })).toEqual(
      {
        state: 'unknown',
        sentence:
          'It cannot be told what saturated first: the target’s own metrics are unknown, because it is not one of Loadcell’s.',
        reached: [],
      },
    )
  })

  it('cannot tell from series without a known limit', () => {
    const other = series('shop_orders_per_second', [1, 2, 3, 4, 5, 6], { source: 'http://h/metrics' })
    expect(judge([other]).sentence).toContain('no series was observed whose limit is known')
  })

  it('cannot tell from less than half of the seconds', () => {
    const { state, sentence } = judge([loop([0.1, 0.1, null, null, null, null])], { problem: 'target: no answer' })
    expect(state).toBe('unknown')
    expect(sentence).toContain('only 2 of 6 seconds could be sampled (target: no answer)')
  })

  it('cannot tell from a run of two seconds', () => {
    expect(judge([loop([1, 1])], { seconds: 2 }).sentence).toContain('the run has fewer than 3 seconds')
  })

  it('blames the generator, but not for what it cannot know of the target', () => {
    const generator = [0.95, 0.95, 0.95, 0.95, 0.95, 0.95]
    const known = judge([loop([0.1, 0.1, 0.1, 0.1, 0.1, 0.1])], { generator })
    expect(known).toMatchObject({
      state: 'reached',
      reached: [{ resource: 'the CPU of the load generator', fromMs: 0 }],
    })
    const unknown = judge([], { generator })
    expect(unknown.state).toBe('unknown')
    expect(unknown.sentence).toMatch(
      /^First to saturate: the CPU of the load generator .* Whether the target did before cannot be told: /,
    )
  })

  it('adds both ends up if they share a machine', () => {
    const both = { generator: Array<number>(6).fill(0.85) }
    expect(judge([cpu([1.1, 1.1, 1.1, 1.1, 1.1, 1.1])], both).state).toBe('none')
    expect(judge([cpu([1.1, 1.1, 1.1, 1.1, 1.1, 1.1])], { ...both, sharedCores: 2 }).reached).toEqual([
      { resource: 'the CPU of the machine of both ends', fromMs: 0, observed: '1.95 of 2 cores', limit: '95 %' },
    ])
  })

  it.each<[string, AlignedSeries[], string]>([
    [
      'a station with a queue',
      [
        series('station_busy_share', [1, 1, 1, 1, 1, 1], { labels: { station: 'db' } }),
        series('station_queued', [1, 2, 3, 4, 5, 6], { labels: { station: 'db' } }),
      ],
      'the station db',
    ],
    ['timers that are late', [series('event_loop_delay_p99_ms', [150, 150, 150, 1, 1, 1])], 'the timers of the target'],
    [
      'as many streams as may be open',
      [series('streams_open', [50, 100, 100, 100, 100, 100], { limit: 100 })],
      'the streams of the target (streams.connections)',
    ],
    [
      'as many sockets as may be open',
      [series('sockets_open', [50, 99, 99, 99, 99, 99], { limit: 100 })],
      'the WebSockets of the target (sockets.connections)',
    ],
    [
      'workers with a queue',
      [series('reports_running', [4, 4, 4, 4, 4, 4], { limit: 4 }), series('reports_queued', [1, 1, 1, 1, 1, 1])],
      'the report workers of the target',
    ],
    [
      'a full batch with a queue',
      [series('llm_sequences', [8, 32, 32, 32, 32, 32], { limit: 32 }), series('llm_queued', [0, 4, 4, 4, 4, 4])],
      'the batch of the language model (llm.maxBatch)',
    ],
    [
      'a full cache with a queue',
      [series('llm_cache_tokens', [8, 99, 99, 99, 99, 99], { limit: 100 }), series('llm_queued', [0, 4, 4, 4, 4, 4])],
      'the cache of the language model (llm.kvTokens)',
    ],
    [
      'a memory budget that is spent',
      [series('memory_budget_bytes', [99, 99, 99, 99, 99, 99], { limit: 100 })],
      'the memory budget of the target',
    ],
    ['a full heap', [series('memory_heap_bytes', [96, 96, 96, 96, 96, 96], { limit: 100 })], 'the heap of the target'],
    [
      'a machine without idle CPUs',
      ['0', '1'].map(number =>
        series('node_cpu_seconds_per_second', [0.5, 0, 0, 0, 0, 0], {
          source: 'x',
          labels: { cpu: number, mode: 'idle' },
        }),
      ),
      'the CPUs of the machine of x',
    ],
    [
      'a process without files left',
      [
        series('process_open_fds', [100, 1020, 1020, 1020, 1020, 1020], { source: 'x' }),
        series('process_max_fds', [1024, 1024, 1024, 1024, 1024, 1024], { source: 'x' }),
      ],
      'the open files of x',
    ],
    [
      'a Go process that uses all its threads',
      [
        series('process_cpu_seconds_per_second', [4, 4, 4, 4, 4, 4], { source: 'x' }),
        series('go_sched_gomaxprocs_threads', [4, 4, 4, 4, 4, 4], { source: 'x' }),
      ],
      'the CPU of x',
    ],
    [
      'a Node.js process whose event loop is late',
      [series('nodejs_eventloop_lag_p99_seconds', [0.2, 0.2, 0.2, 0.2, 0.2, 0.2], { source: 'x' })],
      'the event loop of x',
    ],
  ])('knows %s', (_what, observed, resource) => {
    expect(judge(observed).reached.map(each => each.resource)).toEqual([resource])
  })

  it('does not take busy servers for saturated while nobody waits for them', () => {
    const station = { labels: { station: 'db' } }
    const busy = series('station_busy_share', [1, 1, 1, 1, 1, 1], station)
    expect(judge([busy, series('station_queued', [0, 0, 0, 0, 0, 0], station)]).state).toBe('none')
    expect(judge([busy, series('station_queued', [9, 9, 9, 9, 9, 9], { labels: { station: 'other' } })]).state).toBe(
      'none',
    )
  })
})
