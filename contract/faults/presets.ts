import { isDeepStrictEqual } from 'node:util'
import type { DistributionValue } from '../../core/distributions/value.ts'
import type { Fault } from './fault.ts'
import type { FaultRule } from './rule.ts'

/** Rules that cause a well-known kind of trouble, under one name. */
export interface Preset {
  /** One sentence. */
  description: string
  rules: readonly FaultRule[]
}

/** Operations that do the work of a service, as opposed to tokens, streams and health. */
const work = ['products.*', 'categories.*', 'orders.*', 'users.*', 'tasks.*', 'reports.*', 'events.*']
const open = ['streams.*', 'sockets.*']

function rule(
  id: string,
  operation: string | string[],
  fault: Fault,
  when: Pick<FaultRule, 'share' | 'window'> = {},
): FaultRule {
  return { id, match: { operation }, ...when, fault }
}

const lognormal = (median: string, p99: string) => ({ type: 'lognormal', median, p99 }) as const
const exponential = (mean: string) => ({ type: 'exponential', mean }) as const
const delay = (distribution: DistributionValue): Fault => ({ type: 'delay', distribution })
const stall = (min: string, max: string): Fault => ({ type: 'stall', duration: { type: 'uniform', min, max } })

export const presets = {
  healthy: {
    description: 'Nothing is injected.',
    rules: [],
  },
  slow_database: {
    description:
      'Everything that reads or writes data shares eight connections to a slow database: 200 requests a second and no more.',
    rules: [
      rule('slow_database.pool', ['products.*', 'categories.*', 'orders.*', 'users.*', 'tasks.*'], {
        type: 'capacity',
        station: 'database',
        servers: 8,
        service: exponential('40ms'),
        queue: 200,
        timeout: '2s',
        onFull: 'status',
      }),
    ],
  },
  brownout: {
    description:
      'An overloaded service: every request is slower by 200 ms in the median and 2 s at p99, and one in ten is turned away with a 503.',
    rules: [
      rule('brownout.slow', work, delay(lognormal('200ms', '2s'))),
      rule('brownout.unavailable', work, { type: 'status', status: 503, retryAfter: '1s' }, { share: 0.1 }),
    ],
  },
  flaky: {
    description: 'Two requests in a hundred fail with a 500, one is reset, and one answer ends early.',
    rules: [
      rule('flaky.error', work, { type: 'status', status: 500 }, { share: 0.02 }),
      rule('flaky.reset', work, { type: 'reset' }, { share: 0.01 }),
      rule('flaky.truncated', work, { type: 'close_early', afterBytes: 20 }, { share: 0.01 }),
    ],
  },
  gc_pauses: {
    description: 'One request in 500 stops the whole target for 50 to 250 ms, as garbage collection does.',
    rules: [rule('gc_pauses.pause', work, stall('50ms', '250ms'), { share: 0.002 })],
  },
  cold_start: {
    description: 'Slow for the first ten seconds, faster for the next twenty, then warm.',
    rules: [
      rule('cold_start.cold', work, delay(lognormal('600ms', '3s')), { window: { from: 0, to: '10s' } }),
      rule('cold_start.warming', work, delay(lognormal('80ms', '600ms')), { window: { from: '10s', to: '30s' } }),
    ],
  },
  memory_leak: {
    description: 'Minute by minute slower, with pauses from the third minute on, and errors from the fifth.',
    rules: [
      rule('memory_leak.second', work, delay(exponential('20ms')), { window: { from: '1m', to: '2m' } }),
      rule('memory_leak.third', work, delay(exponential('80ms')), { window: { from: '2m', to: '4m' } }),
      rule('memory_leak.later', work, delay(exponential('300ms')), { window: { from: '4m', to: '1d' } }),
      rule('memory_leak.pause', work, stall('100ms', '500ms'), { share: 0.002, window: { from: '2m', to: '1d' } }),
      rule(
        'memory_leak.error',
        work,
        { type: 'status', status: 500 },
        { share: 0.2, window: { from: '4m', to: '1d' } },
      ),
    ],
  },
  hot_partition: {
    description: 'One partition in eight is overloaded: an eighth of what is published waits for one slow server.',
    rules: [
      rule(
        'hot_partition.queue',
        'events.*',
        {
          type: 'capacity',
          station: 'hot_partition',
          servers: 1,
          service: exponential('25ms'),
          queue: 100,
          timeout: '5s',
        },
        { share: 0.125 },
      ),
    ],
  },
  slow_identity: {
    description: 'Tokens and logins take 400 ms in the median and 3 s at p99; everything else is as fast as ever.',
    rules: [
      rule(
        'slow_identity.slow',
        ['oauth.token', 'oauth.introspect', 'auth.login', 'auth.refresh'],
        delay(lognormal('400ms', '3s')),
      ),
    ],
  },
  rate_limited: {
    description: 'Three requests in ten are answered with a 429 that asks to come back after a second.',
    rules: [rule('rate_limited.limited', work, { type: 'status', status: 429, retryAfter: '1s' }, { share: 0.3 })],
  },
  lost_answers: {
    description:
      'One order or event in twenty is accepted, and the answer that says so is lost: a client that repeats it without an Idempotency-Key creates it twice.',
    rules: [
      rule(
        'lost_answers.lost',
        ['orders.create', 'tasks.create', 'reports.create', 'events.*'],
        { type: 'reset', at: 'after_handler' },
        { share: 0.05 },
      ),
    ],
  },
  black_hole: {
    description: 'Two requests in a hundred are never answered: a client without a timeout waits for ever.',
    rules: [rule('black_hole.hang', work, { type: 'hang' }, { share: 0.02 })],
  },
  slow_network: {
    description: 'A round trip of 150 ms, and answers that come at 64 KiB a second.',
    rules: [
      rule('slow_network.trip', work, { type: 'delay', at: 'before_first_byte', distribution: '150ms' }),
      rule('slow_network.pace', work, { type: 'dribble', bytesPerSecond: 65_536 }),
    ],
  },
  garbled: {
    description: 'One answer in a hundred is not JSON, and one has the wrong content type.',
    rules: [
      rule('garbled.json', work, { type: 'corrupt', how: 'invalid_json' }, { share: 0.01 }),
      rule('garbled.type', work, { type: 'corrupt', how: 'wrong_content_type' }, { share: 0.01 }),
    ],
  },
  reconnect_storm: {
    description:
      'Every stream and WebSocket is cut ten seconds after it was opened, and every third attempt to come back meets a 503.',
    rules: [
      rule('reconnect_storm.cut', open, { type: 'disconnect', code: 1013, after: '10s' }),
      rule('reconnect_storm.unavailable', open, { type: 'status', status: 503, retryAfter: '1s' }, { share: 0.33 }),
    ],
  },
  lossy_stream: {
    description:
      'Of a hundred messages of streams and WebSockets, one is lost, one is sent twice, and one is sent too late.',
    rules: [
      rule('lossy_stream.drop', open, { type: 'drop' }, { share: 0.01 }),
      rule('lossy_stream.duplicate', open, { type: 'duplicate' }, { share: 0.01 }),
      rule('lossy_stream.reorder', open, { type: 'reorder', distance: 3 }, { share: 0.01 }),
    ],
  },
  laggy_stream: {
    description: 'Every message of a stream or WebSocket is late by 100 ms in the median and 800 ms at p99, in order.',
    rules: [
      rule('laggy_stream.lag', open, {
        type: 'delay',
        at: 'per_message',
        distribution: { type: 'lognormal', median: '100ms', p99: '800ms' },
      }),
    ],
  },
  silent_connections: {
    description: 'Streams and WebSockets stay open without heartbeats: a client that relies on them has to notice.',
    rules: [rule('silent_connections.mute', open, { type: 'mute_heartbeats' })],
  },
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets

/** Returns the rules of a preset; none for an unknown name. */
export function rulesOfPreset(name: string): readonly FaultRule[] {
  return isPreset(name) ? presets[name].rules : []
}

export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}

/** Returns the names of the presets whose rules are all among these. A rule may have a ttl of its own. */
export function presetsOn(rules: readonly FaultRule[]): string[] {
  const byId = new Map(rules.map(rule => [rule.id, rule]))
  const isOn = (rule: FaultRule) => {
    const { ttl: _, ...found } = byId.get(rule.id) ?? {}
    return isDeepStrictEqual(found, rule)
  }
  return Object.keys(presets).filter(name => {
    const own = rulesOfPreset(name)
    return own.length > 0 && own.every(isOn)
  })
}
