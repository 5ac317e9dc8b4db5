import { describe, expect, it } from 'vitest'
import { faultsErrors } from '../../../../contract/faults/check-faults.ts'
import { presets } from '../../../../contract/faults/presets.ts'
import { ConfigurationError, loadConfiguration } from '../../../../target/configuration/load.ts'

/** Returns the errors for which a start with these faults is rejected, one per line. */
function complaints(faults: object): string[] {
  const flags = Object.fromEntries(
    Object.entries(faults).map(([key, value]) => [`faults.${key}`, JSON.stringify(value)]),
  )
  try {
    loadConfiguration({ env: {}, flags })
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.issues.map(({ pointer, detail }) => `${pointer} ${detail}`)
  }
}

const delay = { type: 'delay', distribution: '5ms' }
const hang = { type: 'hang' }
const one = (about: object) => ({ rules: [{ id: 'a', fault: delay, ...about }] })
const phases = (...some: object[]) => ({
  timeline: { phases: some.map(each => ({ name: 'p', duration: '1s', ...each })) },
})
const station = { type: 'capacity', station: 'pool', servers: 2, service: '5ms' }

describe('faults', () => {
  it.each<[string, object]>([
    ['every operation', one({})],
    [
      'patterns of all kinds',
      one({ match: { operation: ['*.get', 'unmatched'], path: '/a/*', method: 'get', header: { 'X-A': '1' } } }),
    ],
    [
      'windows that touch',
      one({
        window: [
          { from: '1s', to: '2s' },
          { from: 0, to: '1s' },
        ],
        ttl: '1m',
      }),
    ],
    [
      'a delay of each message',
      one({ match: { operation: 'streams.*', channel: 'orders' }, fault: { ...delay, at: 'per_message' } }),
    ],
    [
      'a station and who shares it',
      {
        rules: [
          { id: 'a', fault: station },
          { id: 'b', fault: { type: 'capacity', station: 'pool' } },
        ],
      },
    ],
    ['one id in phases that follow each other', phases({ faults: ['flaky'] }, { faults: ['flaky', 'gc_pauses'] })],
    [
      'a phase that shares a station with what is always there',
      {
        rules: [{ id: 'a', fault: station }],
        ...phases({ faults: [{ id: 'b', fault: { type: 'capacity', station: 'pool' } }] }),
      },
    ],
    ['a ramp as long as its phase', phases({ faults: ['brownout'], ramp: '1s' })],
  ])('may have %s', (_what, faults) => {
    expect(complaints(faults)).toEqual([])
  })

  it.each<[string, object, string]>([
    [
      'an unknown fault',
      one({ fault: { type: 'dely' } }),
      '/faults/rules/0/fault/type … got "dely"; did you mean delay?',
    ],
    ['a share of 1.5', one({ share: 1.5 }), '/faults/rules/0/share expected 0…1, got 1.5'],
    [
      'a key of another fault',
      one({ fault: { ...hang, distribution: 5 } }),
      '/faults/rules/0/fault/distribution there is no such key of hang',
    ],
    [
      'a misspelt key',
      one({ fault: { type: 'delay', distribtion: 5 } }),
      '/faults/rules/0/fault/distribtion … did you mean distribution?',
    ],
    ['no fault', { rules: [{ id: 'a' }] }, '/faults/rules/0/fault expected a value, got nothing'],
    [
      'a distribution that contradicts itself',
      one({ fault: { type: 'delay', distribution: { type: 'lognormal', median: '20ms', p99: '2ms' } } }),
      '/faults/rules/0/fault/distribution/p99 expected at least the median',
    ],
    [
      'a table that is not monotonic',
      one({ fault: { type: 'stall', duration: { type: 'empirical', percentiles: { p0: 1, p50: 9, p100: 5 } } } }),
      '/faults/rules/0/fault/duration/percentiles/p100 ',
    ],
    [
      'windows that overlap',
      one({
        window: [
          { from: 0, to: '2s' },
          { from: '1s', to: '3s' },
        ],
      }),
      '/faults/rules/0/window/1 expected windows that do not overlap',
    ],
    [
      'an empty window',
      one({ window: { from: '2s', to: '2s' } }),
      '/faults/rules/0/window/to expected more than from (2000 ms), got 2000 ms',
    ],
    [
      'a window past its ttl',
      one({ window: { from: '2s', to: '3s' }, ttl: '1s' }),
      '/faults/rules/0/window/from expected less than the ttl',
    ],
    [
      'a stall that nobody would live to see the end of',
      one({ fault: { type: 'stall', duration: '300m' } }),
      '/faults/rules/0/fault/duration expected a mean of at most 1m, because nothing can end a stall, got 5h',
    ],
    [
      'a phase that shares a station which may be gone by then',
      {
        rules: [{ id: 'a', ttl: '1m', fault: station }],
        ...phases({ faults: [{ id: 'b', fault: { type: 'capacity', station: 'pool' } }] }),
      },
      '/faults/timeline/phases/0/faults/0/fault/station expected a station that stays as long as the timeline: a, which has the numbers of pool, has a ttl',
    ],
    [
      'a ttl of more digits than there is time',
      one({ ttl: `${'9'.repeat(400)}d` }),
      '/faults/rules/0/ttl expected a duration',
    ],
    ['a ttl past all reckoning', one({ ttl: 1e300 }), '/faults/rules/0/ttl expected a duration'],
    ['a ttl of nothing', one({ ttl: 0 }), '/faults/rules/0/ttl expected more than 0'],
    [
      'one id twice',
      {
        rules: [
          { id: 'a', fault: hang },
          { id: 'a', fault: delay },
        ],
      },
      '/faults/rules/1/id expected an id of its own, got "a" again',
    ],
    [
      'an id that a preset has',
      { rules: [{ id: 'brownout.slow', fault: hang }], presets: ['brownout'] },
      '/faults/presets/0 expected a preset that is not active yet',
    ],
    [
      'an unknown operation',
      one({ match: { operation: ['orders.*', 'order.create'] } }),
      '/faults/rules/0/match/operation/1 … did you mean orders.create?',
    ],
    ['an unknown method', one({ match: { method: 'FETCH' } }), '/faults/rules/0/match/method expected a method'],
    ['a path with a query', one({ match: { path: '/products?page=2' } }), '/faults/rules/0/match/path expected a path'],
    [
      'a scope that its fault has not',
      one({ scope: 'connection' }),
      '/faults/rules/0/scope expected request or message, which delay has, got connection',
    ],
    [
      'a scope that its place has not',
      one({ scope: 'request', fault: { ...delay, at: 'per_message' } }),
      '/faults/rules/0/scope expected message',
    ],
    [
      'a channel of a request',
      one({ match: { channel: 'orders' } }),
      '/faults/rules/0/match/channel expected a fault of messages',
    ],
    [
      'messages of what stays not open',
      one({ match: { operation: 'orders.*' }, fault: { type: 'drop' } }),
      '/faults/rules/0/match/operation expected operations that stay open',
    ],
    [
      'bytes before the handler',
      one({ fault: { type: 'reset', afterBytes: 5 } }),
      '/faults/rules/0/fault/afterBytes expected at: after_handler',
    ],
    [
      'flips of what is not flipped',
      one({ fault: { type: 'corrupt', how: 'invalid_json', flips: 2 } }),
      '/faults/rules/0/fault/flips expected how: bit_flips',
    ],
    [
      'a close code that may not be sent',
      one({ fault: { type: 'disconnect', code: 1006 } }),
      '/faults/rules/0/fault/code expected a code that may be sent',
    ],
    [
      'a station of no servers',
      one({ fault: { ...station, servers: 0 } }),
      '/faults/rules/0/fault/servers expected 1…100000, got 0',
    ],
    [
      'a station of half its numbers',
      one({ fault: { type: 'capacity', servers: 2 } }),
      '/faults/rules/0/fault/service expected a value',
    ],
    [
      'a service that takes no time',
      one({ fault: { ...station, service: 0 } }),
      '/faults/rules/0/fault/service expected a service that takes time',
    ],
    [
      'a station that nobody defines',
      one({ fault: { type: 'capacity', station: 'pool' } }),
      '/faults/rules/0/fault/station expected a station that a rule gives servers and service',
    ],
    [
      'a station that two define',
      {
        rules: [
          { id: 'a', fault: station },
          { id: 'b', fault: station },
        ],
      },
      '/faults/rules/1/fault/servers … a has them already',
    ],
    [
      'a queue away from its station',
      {
        rules: [
          { id: 'a', fault: station },
          { id: 'b', fault: { type: 'capacity', station: 'pool', queue: 3 } },
        ],
      },
      '/faults/rules/1/fault/queue expected it in the rule that gives',
    ],
    ['an unknown preset', { presets: ['healthy', 'brownot'] }, '/faults/presets/1 … did you mean brownout?'],
    ['a timeline of nothing', { timeline: { phases: [] } }, '/faults/timeline/phases expected at least 1 items'],
    [
      'a phase of no length',
      phases({ duration: 0 }),
      '/faults/timeline/phases/0/duration expected at least 1ms, got 0',
    ],
    ['a ramp past its phase', phases({ ramp: '2s' }), '/faults/timeline/phases/0/ramp expected at most the duration'],
    [
      'an unknown preset in a phase',
      phases({}, { faults: ['flakey'] }),
      '/faults/timeline/phases/1/faults/0 … did you mean flaky?',
    ],
    [
      'a wrong rule in a phase',
      phases({ faults: ['flaky', { id: 'x', share: -1, fault: hang }] }),
      '/faults/timeline/phases/0/faults/1/share expected 0…1, got -1',
    ],
    [
      'a phase with what is always there',
      { presets: ['flaky'], ...phases({}, { faults: ['flaky'] }) },
      '/faults/timeline/phases/1/faults/0 expected a preset that is not active yet',
    ],
    ['a timeline that is none', { timeline: 'brownout' }, '/faults/timeline expected a timeline'],
    [
      'another key in a timeline',
      { timeline: { phases: [{ name: 'p', duration: '1s' }], repeat: true } },
      '/faults/timeline/repeat expected no such key',
    ],
  ])('may not have %s', (_what, faults, expected) => {
    const [first, ...others] = complaints(faults)
    const [start, end = start] = expected.split(' … ') as [string, string?]
    expect(first).toContain(start)
    expect(first).toContain(end)
    expect(first?.startsWith(`${start.split(' ')[0]} `)).toBe(true)
    // One mistake, one complaint.
    expect(others).toEqual([])
  })
})

it.each(Object.keys(presets))('the preset %s is a valid set of rules', name => {
  expect(faultsErrors({ rules: [], presets: [name], timeline: null })).toEqual([])
  expect(complaints({ presets: [name] })).toEqual([])
  const { rules } = presets[name as keyof typeof presets]
  expect(complaints({ rules })).toEqual([])
})
