import { isDeepStrictEqual } from 'node:util'
import type { FaultRule } from './rule.ts'

/** Rules that make a known kind of trouble, by one name. */
export interface Preset {
  /** One sentence. */
  description: string
  rules: readonly FaultRule[]
}

/** Operations that do the work of a service, as opposed to tokens, streams and health. */
const work = ['products.*', 'categories.*', 'orders.*', 'users.*', 'tasks.*', 'reports.*', 'events.*']
const open = ['streams.*', 'sockets.*']

export const presets = {
  healthy: { description: 'Nothing is injected.', rules: [] },
  slow_database: {
    description:
      'Everything that reads or writes data shares eight connections to a slow database: 200 requests a second and no more.',
    rules: [
      {
        id: 'slow_database.pool',
        match: { operation: ['products.*', 'categories.*', 'orders.*', 'users.*', 'tasks.*'] },
        fault: {
          type: 'capacity',
          station: 'database',
          servers: 8,
          service: { type: 'exponential', mean: '40ms' },
          queue: 200,
          timeout: '2s',
          onFull: 'status',
        },
      },
    ],
  },
  brownout: {
    description:
      'An overloaded service: every request is slower by 200 ms in the median and 2 s at p99, and one in ten is turned away with a 503.',
    rules: [
      {
        id: 'brownout.slow',
        match: { operation: work },
        fault: { type: 'delay', distribution: { type: 'lognormal', median: '200ms', p99: '2s' } },
      },
      {
        id: 'brownout.unavailable',
        match: { operation: work },
        share: 0.1,
        fault: { type: 'status', status: 503, retryAfter: '1s' },
      },
    ],
  },
  flaky: {
    description: 'Two requests in a hundred fail with a 500, one is reset, and one answer ends early.',
    rules: [
      { id: 'flaky.error', match: { operation: work }, share: 0.02, fault: { type: 'status', status: 500 } },
      { id: 'flaky.reset', match: { operation: work }, share: 0.01, fault: { type: 'reset' } },
      {
        id: 'flaky.truncated',
        match: { operation: work },
        share: 0.01,
        fault: { type: 'close_early', afterBytes: 20 },
      },
    ],
  },
  gc_pauses: {
    description: 'One request in 500 stops the whole target for 50 to 250 ms, as garbage collection does.',
    rules: [
      {
        id: 'gc_pauses.pause',
        match: { operation: work },
        share: 0.002,
        fault: { type: 'stall', duration: { type: 'uniform', min: '50ms', max: '250ms' } },
      },
    ],
  },
  cold_start: {
    description: 'Slow for the first ten seconds, less so for twenty more, then warm.',
    rules: [
      {
        id: 'cold_start.cold',
        match: { operation: work },
        window: { from: 0, to: '10s' },
        fault: { type: 'delay', distribution: { type: 'lognormal', median: '600ms', p99: '3s' } },
      },
      {
        id: 'cold_start.warming',
        match: { operation: work },
        window: { from: '10s', to: '30s' },
        fault: { type: 'delay', distribution: { type: 'lognormal', median: '80ms', p99: '600ms' } },
      },
    ],
  },
  memory_leak: {
    description: 'Minute by minute slower, with pauses from the third minute on, and errors from the fifth.',
    rules: [
      {
        id: 'memory_leak.second',
        match: { operation: work },
        window: { from: '1m', to: '2m' },
        fault: { type: 'delay', distribution: { type: 'exponential', mean: '20ms' } },
      },
      {
        id: 'memory_leak.third',
        match: { operation: work },
        window: { from: '2m', to: '4m' },
        fault: { type: 'delay', distribution: { type: 'exponential', mean: '80ms' } },
      },
      {
        id: 'memory_leak.later',
        match: { operation: work },
        window: { from: '4m', to: '1d' },
        fault: { type: 'delay', distribution: { type: 'exponential', mean: '300ms' } },
      },
      {
        id: 'memory_leak.pause',
        match: { operation: work },
        share: 0.002,
        window: { from: '2m', to: '1d' },
        fault: { type: 'stall', duration: { type: 'uniform', min: '100ms', max: '500ms' } },
      },
      {
        id: 'memory_leak.error',
        match: { operation: work },
        share: 0.2,
        window: { from: '4m', to: '1d' },
        fault: { type: 'status', status: 500 },
      },
    ],
  },
  hot_partition: {
    description: 'One partition in eight is overloaded: an eighth of what is published waits for one slow server.',
    rules: [
      {
        id: 'hot_partition.queue',
        match: { operation: 'events.*' },
        share: 0.125,
        fault: {
          type: 'capacity',
          station: 'hot_partition',
          servers: 1,
          service: { type: 'exponential', mean: '25ms' },
          queue: 100,
          timeout: '5s',
        },
      },
    ],
  },
  slow_identity: {
    description: 'Tokens and logins take 400 ms in the median and 3 s at p99; what they are for is as fast as ever.',
    rules: [
      {
        id: 'slow_identity.slow',
        match: { operation: ['oauth.token', 'oauth.introspect', 'auth.login', 'auth.refresh'] },
        fault: { type: 'delay', distribution: { type: 'lognormal', median: '400ms', p99: '3s' } },
      },
    ],
  },
  rate_limited: {
    description: 'Three requests in ten are answered with a 429 that asks to come back after a second.',
    rules: [
      {
        id: 'rate_limited.limited',
        match: { operation: work },
        share: 0.3,
        fault: { type: 'status', status: 429, retryAfter: '1s' },
      },
    ],
  },
  lost_answers: {
    description:
      'One order or event in twenty is accepted, and the answer that says so is lost: who repeats it without an Idempotency-Key has it twice.',
    rules: [
      {
        id: 'lost_answers.lost',
        match: { operation: ['orders.create', 'tasks.create', 'reports.create', 'events.*'] },
        share: 0.05,
        fault: { type: 'reset', at: 'after_handler' },
      },
    ],
  },
  black_hole: {
    description: 'Two requests in a hundred are never answered: who has no timeout waits for ever.',
    rules: [{ id: 'black_hole.hang', match: { operation: work }, share: 0.02, fault: { type: 'hang' } }],
  },
  slow_network: {
    description: 'A round trip of 150 ms, and answers that come at 64 KiB a second.',
    rules: [
      {
        id: 'slow_network.trip',
        match: { operation: work },
        fault: { type: 'delay', at: 'before_first_byte', distribution: '150ms' },
      },
      { id: 'slow_network.pace', match: { operation: work }, fault: { type: 'dribble', bytesPerSecond: 65_536 } },
    ],
  },
  garbled: {
    description: 'One answer in a hundred is no JSON, and one says that it is something else.',
    rules: [
      { id: 'garbled.json', match: { operation: work }, share: 0.01, fault: { type: 'corrupt', how: 'invalid_json' } },
      {
        id: 'garbled.type',
        match: { operation: work },
        share: 0.01,
        fault: { type: 'corrupt', how: 'wrong_content_type' },
      },
    ],
  },
  reconnect_storm: {
    description:
      'Every stream and WebSocket is cut ten seconds after it was opened, and every third attempt to come back meets a 503.',
    rules: [
      {
        id: 'reconnect_storm.cut',
        match: { operation: open },
        fault: { type: 'disconnect', code: 1013, after: '10s' },
      },
      {
        id: 'reconnect_storm.unavailable',
        match: { operation: open },
        share: 0.33,
        fault: { type: 'status', status: 503, retryAfter: '1s' },
      },
    ],
  },
  lossy_stream: {
    description:
      'Of a hundred messages of streams and WebSockets, one is lost, one is sent twice, and one is sent too late.',
    rules: [
      { id: 'lossy_stream.drop', match: { operation: open }, share: 0.01, fault: { type: 'drop' } },
      { id: 'lossy_stream.duplicate', match: { operation: open }, share: 0.01, fault: { type: 'duplicate' } },
      { id: 'lossy_stream.reorder', match: { operation: open }, share: 0.01, fault: { type: 'reorder', distance: 3 } },
    ],
  },
  laggy_stream: {
    description: 'Every message of a stream or WebSocket is late by 100 ms in the median and 800 ms at p99, in order.',
    rules: [
      {
        id: 'laggy_stream.lag',
        match: { operation: open },
        fault: { type: 'delay', at: 'per_message', distribution: { type: 'lognormal', median: '100ms', p99: '800ms' } },
      },
    ],
  },
  silent_connections: {
    description: 'Streams and WebSockets stay open without heartbeats: a client that counts on them has to notice.',
    rules: [{ id: 'silent_connections.mute', match: { operation: open }, fault: { type: 'mute_heartbeats' } }],
  },
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets

/** The rules of a preset by name; none of a name that is none. */
export function rulesOfPreset(name: string): readonly FaultRule[] {
  return isPreset(name) ? presets[name].rules : []
}

export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}

/** Names of the presets whose rules are all among these, as they are but for a ttl of their own. */
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
