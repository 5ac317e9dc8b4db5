import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presets } from '../../contract/faults/presets.ts'
import type { Problem } from '../../contract/problem.ts'
import { testTarget } from '../e2e/target/support.ts'

const SEED = 20_261_121

const target = await testTarget()

interface Answer {
  status: number
  body: unknown
}

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${target.url}/_loadcell/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Valid rules, which the test then damages. */
const rules: Json[] = [
  { id: 'a', share: 0.3, match: { path: '/products/*', header: { 'x-a': ['1', '2*'] } }, fault: { type: 'hang' } },
  {
    id: 'b',
    window: [
      { from: 0, to: '1s' },
      { from: '2s', to: 3000 },
    ],
    ttl: '1m',
    fault: { type: 'status', status: 503, body: {}, retryAfter: '2s' },
  },
  {
    id: 'c',
    fault: {
      type: 'delay',
      at: 'before_handler',
      distribution: { type: 'lognormal', median: '20ms', p99: '200ms', max: '1s' },
    },
  },
  {
    id: 'd',
    fault: {
      type: 'delay',
      distribution: {
        type: 'mixture',
        components: [
          { weight: 1, distribution: { type: 'pareto', shape: 2, scale: 1 } },
          { weight: 2, distribution: '1ms' },
        ],
      },
    },
  },
  {
    id: 'e',
    fault: { type: 'delay', distribution: { type: 'empirical', percentiles: { p0: 1, p50: 2, p100: '9ms' } } },
  },
  {
    id: 'f',
    fault: {
      type: 'delay',
      distribution: { type: 'bimodal', fast: 1, slow: { type: 'gamma', shape: 2, scale: 5 }, slowShare: 0.1 },
    },
  },
  {
    id: 'g',
    fault: { type: 'delay', at: 'per_message', distribution: { type: 'replay', trace: [1, '2ms'], loop: true } },
    match: { channel: 'orders', operation: ['streams.*'] },
  },
  {
    id: 'h',
    fault: {
      type: 'capacity',
      station: 'db',
      servers: 2,
      service: { type: 'weibull', shape: 1, scale: 2 },
      queue: 3,
      discipline: 'lifo',
      timeout: '1s',
      onFull: 'reset',
    },
  },
  { id: 'i', fault: { type: 'capacity', station: 'db' } },
  {
    id: 'j',
    scope: 'connection',
    fault: { type: 'disconnect', code: 1012, afterMessages: 3, after: { type: 'uniform', min: 1, max: 2 } },
  },
  { id: 'k', match: { operation: 'sockets.chat' }, fault: { type: 'reorder', distance: 3 } },
  {
    id: 'l',
    match: { method: 'get', tenant: 't', client: 'c', region: 'eu' },
    fault: { type: 'reset', at: 'after_handler', afterBytes: 5 },
  },
  { id: 'm', fault: { type: 'corrupt', how: 'bit_flips', flips: 3 } },
  { id: 'n', fault: { type: 'dribble', bytesPerSecond: 5, pieceBytes: 1 } },
]
const timeline: Json = {
  loop: true,
  phases: [
    { name: 'healthy', duration: '30s' },
    { name: 'ill', duration: 20_000, ramp: '20s', faults: ['brownout', ...rules.slice(0, 3)] },
  ],
}

/** Values that somebody might write in place of a correct one. */
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    '',
    0,
    -1,
    1.5,
    0.5,
    1e308,
    -0,
    2 ** 31,
    2 ** 53,
    '0',
    '-1s',
    '1x',
    '5m',
    '24d',
    '25d',
    `${'9'.repeat(400)}d`,
    '*',
    '**',
    'a*',
    'constructor',
    '__proto__',
    'toString',
    'hang',
    'delay',
    'orders.*',
    'streams.read',
    'GET',
    'db',
    'a',
    'request',
    'connection',
    'message',
    [],
    {},
    [[]],
    [{}],
  ),
  fc.constantFrom<Json>(...rules, ...Object.keys(presets)),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
)
const keys = fc.constantFrom(
  'type',
  'share',
  'at',
  'max',
  'trace',
  'status',
  'servers',
  'service',
  'station',
  'ttl',
  'scope',
  'window',
  'constructor',
  '__proto__',
  'a/b',
  'a~b',
  '',
  'x',
)

/** The value with one place damaged: replaced, removed, or given an unknown field. */
function spoilt(value: Json): fc.Arbitrary<Json> {
  const replaced = anything
  if (value === null || typeof value !== 'object') return replaced
  const entries = Object.entries(value)
  const put = (key: string, next: Json): Json => {
    if (Array.isArray(value)) return value.with(Number(key), next)
    // Like a JSON parser: no key has a special meaning.
    return Object.fromEntries([...entries.filter(([name]) => name !== key), [key, next]])
  }
  const added = Array.isArray(value)
    ? anything.map((next): Json => [...value, next])
    : fc.tuple(keys, anything).map(([key, next]) => put(key, next))
  if (entries.length === 0) return fc.oneof(replaced, added)
  const entry = fc.constantFrom(...entries)
  const taken = entry.map(
    ([key]): Json =>
      Array.isArray(value)
        ? value.toSpliced(Number(key), 1)
        : Object.fromEntries(entries.filter(([name]) => name !== key)),
  )
  const within = entry.chain(([key, child]) => spoilt(child).map(next => put(key, next)))
  return fc.oneof(
    { weight: 1, arbitrary: replaced },
    { weight: 1, arbitrary: added },
    { weight: 1, arbitrary: taken },
    { weight: 9, arbitrary: within },
  )
}

const someRules = fc.shuffledSubarray(rules, { minLength: 1, maxLength: 4 })
const attempts: fc.Arbitrary<[string, string, Json]> = fc.oneof(
  fc.tuple(
    fc.constant('PUT'),
    fc.constant('faults'),
    someRules.chain(some => spoilt({ rules: some, presets: ['flaky'] })),
  ),
  fc.tuple(fc.constant('POST'), fc.constant('faults'), fc.constantFrom(...rules).chain(spoilt)),
  fc
    .constantFrom(...(rules as { id: string }[]))
    .chain(rule => fc.tuple(fc.constant('PUT'), fc.constant(`faults/${rule.id}`), spoilt(rule))),
  fc.tuple(fc.constant('PUT'), fc.constant('timeline'), spoilt(timeline)),
  fc.tuple(
    fc.constant('PATCH'),
    fc.constant('config'),
    spoilt({ faults: { rules: rules.slice(0, 2), presets: [], timeline } }),
  ),
  fc.tuple(
    fc.constant('POST'),
    fc.constant('faults/explain'),
    spoilt({ path: '/products/1?region=eu', method: 'GET', headers: { 'x-a': '1' }, key: 3, message: ['orders', 1] }),
  ),
)

/** Checks that a pointer leads to something that was sent, or to a missing field of something that was sent. */
function leadsSomewhere(sent: Json, pointer: string): boolean {
  if (pointer === '') return true
  if (!pointer.startsWith('/')) return false
  const steps = pointer
    .slice(1)
    .split('/')
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  let value: Json | undefined = sent
  for (const [index, step] of steps.entries()) {
    if (value === null || typeof value !== 'object') return false
    if (!Object.hasOwn(value, step)) return index === steps.length - 1
    value = (value as { [key: string]: Json })[step]
  }
  return true
}

async function state(): Promise<string> {
  const config = (await send('GET', 'config')).body
  const { rules: reports } = (await send('GET', 'faults')).body as { rules: { rule: unknown }[] }
  return JSON.stringify([config, reports.map(({ rule }) => rule)])
}

describe('the control plane of faults', () => {
  it('either accepts an altered rule as a whole, or rejects it with its place and changes nothing', {
    timeout: 120_000,
  }, async () => {
    const statuses = new Map<number, number>()
    const property = fc.asyncProperty(attempts, async ([method, path, sent]) => {
      const before = await state()
      const { status, body } = await send(method, path, sent)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      expect([200, 201, 400, 409]).toContain(status)
      if (status >= 400) {
        const { detail, errors = [] } = body as Problem
        expect(detail).not.toBe('')
        if (status === 400) expect((body as Problem).code === 'malformed_json' || errors.length > 0).toBe(true)
        for (const { pointer, detail: why } of errors) {
          expect(leadsSomewhere(sent, pointer), `${pointer}: ${why}`).toBe(true)
        }
        expect(await state()).toBe(before)
      } else if (path !== 'faults/explain') {
        // The active rules are valid: they can be set again unchanged, and every rule can be explained.
        const config = (await send('GET', 'config')).body
        const again = await send('PUT', 'config', config)
        expect(again.status, JSON.stringify(again.body)).toBe(200)
        expect(
          (await send('POST', 'faults/explain', { operation: 'products.get', headers: { 'x-a': '1' } })).status,
        ).toBe(200)
        const listed = (await send('GET', 'faults')).body
        expect(JSON.stringify(listed)).not.toContain(':null,"matched"')
        await send('GET', 'timeline')
        await send('DELETE', 'faults')
      }
    })
    await fc.assert(property, { seed: SEED, numRuns: 400 })
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400]))
  })
})
