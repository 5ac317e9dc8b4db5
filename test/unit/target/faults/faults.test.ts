import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../../contract/faults/rule.ts'
import type { Exchange } from '../../../../target/exchange/exchange.ts'
import { FaultsSection } from '../../../../target/ledger/faults-section.ts'
import { faultsBench, rule, subject } from '../../../support/faults-bench.ts'

describe('matching', () => {
  it.each<[string, object, Parameters<typeof subject>[0], boolean]>([
    ['an operation', { operation: 'products.get' }, {}, true],
    ['another operation', { operation: 'products.list' }, {}, false],
    ['a group', { operation: ['orders.*', 'products.*'] }, {}, true],
    ['a path', { path: '/api/v1/products/17' }, {}, true],
    ['another path of the operation', { path: '/api/v1/products/18' }, {}, false],
    ['a path pattern', { path: '/api/v1/products/*' }, {}, true],
    ['a spelling that was not used', { path: '/products/*' }, {}, false],
    ['a method in any case', { method: 'get' }, {}, true],
    ['another method', { method: 'POST' }, {}, false],
    ['a HEAD of a GET', { method: 'HEAD' }, { method: 'HEAD' }, true],
    ['a tenant', { tenant: ['a', 'b'] }, { tenant: 'b' }, true],
    ['another tenant', { tenant: 'a' }, {}, false],
    ['a client', { client: 'app' }, { client: 'app', user: 'a@b.c' }, true],
    ['a user', { client: '*@b.c' }, { client: 'app', user: 'a@b.c' }, true],
    ['nobody known', { client: '*' }, {}, false],
    ['a region', { region: 'eu-*' }, { region: 'eu-west' }, true],
    ['a header in any case', { header: { 'X-Canary': 'yes' } }, { headers: { 'x-canary': 'yes' } }, true],
    ['a header with another value', { header: { 'X-Canary': 'yes' } }, { headers: { 'x-canary': 'no' } }, false],
    ['all that is named', { operation: 'products.*', tenant: 'b' }, { tenant: 'b' }, true],
    ['only some of what is named', { operation: 'products.*', tenant: 'b' }, {}, false],
    ['what is not served', { operation: 'unmatched' }, { operation: 'unmatched', path: '/x' }, true],
  ])('%s', (_what, match, about, expected) => {
    const { injected } = faultsBench({ rules: [rule('a', { match })] })
    expect(injected(subject(about))).toEqual(expected ? ['a'] : [])
  })

  it('keeps the order of the rules, however they are found', () => {
    const { injected } = faultsBench({
      rules: [
        rule('always'),
        rule('tenant', { match: { tenant: 'b' } }),
        rule('path', { match: { path: ['/api/v1/products/17', '/x'] } }),
        rule('not', { match: { path: '/api/v1/products/18' } }),
        rule('group', { match: { operation: 'products.*' } }),
      ],
    })
    expect(injected(subject({ tenant: 'b' }))).toEqual(['always', 'tenant', 'path', 'group'])
  })
})

describe('time', () => {
  it('lets a rule act in its windows only', async () => {
    const { injected, clock } = faultsBench({
      rules: [
        rule('a', {
          window: [
            { from: 10, to: 20 },
            { from: 30, to: 40 },
          ],
        }),
      ],
    })
    const injectedAt: number[] = []
    for (let at = 0; at < 50; at += 5) {
      if (injected(subject()).length > 0) injectedAt.push(clock.now())
      await clock.advance(5)
    }
    expect(injectedAt).toEqual([10, 15, 30, 35])
  })

  it('removes a rule after its ttl, also from the configuration', async () => {
    const { faults, settings, clock, change, injected } = faultsBench()
    await clock.advance(100)
    change({ rules: [rule('a', { ttl: '50ms' }), rule('b')] })
    const { version } = faults
    clock.stall(49)
    expect(injected(subject())).toEqual(['a', 'b'])
    // No timer has fired yet: the rules of a moment are those of that moment.
    clock.stall(1)
    expect(injected(subject())).toEqual(['b'])
    expect(settings.current.faults.rules.map(({ id }) => id)).toEqual(['b'])
    expect(faults.version).toBeGreaterThan(version)
  })

  it('ends a rule of a phase by its ttl, in every round', async () => {
    const phases = [{ name: 'p', duration: '40ms', faults: [rule('x', { ttl: '10ms' })] }]
    const { injected, clock } = faultsBench({ timeline: { phases, loop: true } })
    const seen: string[][] = []
    for (let at = 0; at < 80; at += 20) {
      seen.push(injected(subject()))
      await clock.advance(20)
    }
    expect(seen).toEqual([['x'], [], ['x'], []])
  })

  it('removes rules that only name a station together with the rule that defines it', async () => {
    const { settings, clock, change } = faultsBench({
      rules: [
        rule('numbers', { ttl: '10ms', fault: { type: 'capacity', station: 'db', servers: 1, service: '1ms' } }),
        rule('visitor', { fault: { type: 'capacity', station: 'db' } }),
        rule('other', { fault: { type: 'capacity', servers: 1, service: '1ms' } }),
      ],
    })
    await clock.advance(10)
    expect(settings.current.faults.rules.map(({ id }) => id)).toEqual(['other'])
    expect(change({ presets: ['flaky'] }).presets).toEqual(['flaky'])
  })

  it('ends for callers that still hold the rule', () => {
    const { faults, clock } = faultsBench({ rules: [rule('cut', { ttl: '10ms', fault: { type: 'disconnect' } })] })
    const [held] = faults.rulesFor(subject({ operation: 'streams.read' }), 'connection')
    expect(held?.actsAt(clock.now())).toBe(true)
    expect(faults.rulesFor(subject(), 'message')).toEqual([])
    clock.stall(10)
    expect(held?.actsAt(clock.now())).toBe(false)
  })

  it('ends by itself even if nothing asks for it', async () => {
    const { faults, clock, change } = faultsBench()
    change({ rules: [rule('a', { ttl: '50ms' })] })
    await clock.advance(49)
    expect(faults.on).toBe(true)
    await clock.advance(1)
    expect({ on: faults.on, rules: faults.rules }).toEqual({ on: false, rules: [] })
  })

  it('keeps counts, time and ttl of unchanged rules', async () => {
    const { faults, clock, change, injected } = faultsBench({ rules: [rule('a', { ttl: '100ms' }), rule('b')] })
    injected(subject())
    await clock.advance(60)
    change({ rules: [rule('b', { share: 0.5 }), rule('a', { ttl: '100ms' })] })
    const [b, a] = faults.report().rules
    expect({ aMatched: a?.matched, bMatched: b?.matched }).toEqual({ aMatched: 1, bMatched: 0 })
    expect(a!.endsAt! - a!.setAt).toBe(100)
    expect(b!.setAt - a!.setAt).toBe(60)
    await clock.advance(40)
    expect(faults.rules.map(({ id }) => id)).toEqual(['b'])
  })
})

describe('a timeline', () => {
  const timeline = {
    phases: [
      { name: 'healthy', duration: '30ms' },
      { name: 'bad', duration: '20ms', faults: [rule('x'), rule('early', { window: { from: 0, to: 10 } })] },
    ],
    loop: true,
  }

  it('brings the rules of each phase, beside those that are always there', async () => {
    const { injected, clock, faults } = faultsBench({ rules: [rule('always')], timeline })
    const seen: string[] = []
    for (let at = 0; at < 100; at += 10) {
      seen.push(injected(subject()).join())
      await clock.advance(10)
    }
    const round = ['always', 'always', 'always', 'always,x,early', 'always,x']
    expect(seen).toEqual([...round, ...round])
    const { phase, bands, startedAt } = faults.reportTimeline()
    expect(phase).toMatchObject({ name: 'healthy', round: 2, from: startedAt! + 100 })
    expect(bands.map(({ name, to }) => [name, to - startedAt!])).toEqual([
      ['healthy', 30],
      ['bad', 50],
      ['healthy', 80],
      ['bad', 100],
      ['healthy', 130],
    ])
  })

  it('is over after its last phase', async () => {
    const { injected, clock, faults } = faultsBench({ timeline: { ...timeline, loop: false } })
    await clock.advance(49)
    expect(injected(subject())).toEqual(['x'])
    await clock.advance(1)
    expect(injected(subject())).toEqual([])
    expect(faults.reportTimeline()).not.toHaveProperty('phase')
    expect(faults.reportTimeline().bands).toHaveLength(2)
  })

  it('grows its shares over a ramp, and an exchange that is affected early is affected later too', async () => {
    const phases = [{ name: 'p', duration: '100ms', ramp: '80ms', faults: [rule('x', { share: 0.5 })] }]
    const { injected, clock, faults } = faultsBench({ timeline: { phases } })
    const keys = Array.from({ length: 2000 }, (_, index) => index)
    const affected: Set<number>[] = []
    for (let at = 0; at <= 100; at += 20) {
      affected.push(new Set(keys.filter(key => injected(subject({ key })).length > 0)))
      await clock.advance(20)
    }
    const shares = affected.map(({ size }) => size / keys.length)
    for (const [index, expected] of [0, 0.125, 0.25, 0.375, 0.5].entries()) {
      expect(Math.abs(shares[index]! - expected)).toBeLessThan(0.04)
      const later = affected[Math.min(index + 1, 4)]!
      expect([...affected[index]!].filter(key => !later.has(key))).toEqual([])
    }
    expect(faults.rules).toEqual([])
  })

  it('compares a growing share with its value at each match', async () => {
    const phases = [{ name: 'p', duration: '100ms', ramp: '100ms', faults: [rule('x')] }]
    const { injected: inject, clock, faults } = faultsBench({ timeline: { phases } })
    for (let at = 0; at < 90; at += 1) {
      for (let key = 0; key < 20; key++) inject(subject({ key: at * 20 + key }))
      await clock.advance(1)
    }
    const { share, matched, injected } = faults.report().rules[0]!
    expect(share.configured).toBeCloseTo(0.445, 10)
    expect(share).toMatchObject({ observed: injected / matched, agrees: true })
  })

  it('continues when something else changes, and starts over when it is set again', async () => {
    const { clock, faults, change } = faultsBench({ timeline })
    await clock.advance(35)
    change({ rules: [rule('a')] })
    expect(faults.reportTimeline().phase?.name).toBe('bad')
    faults.restartTimeline()
    expect(faults.reportTimeline().phase?.name).toBe('healthy')
  })
})

describe('keys', () => {
  const request = (headers: Record<string, string> = {}) =>
    ({ headers, method: 'GET', url: '/products/1?a=b' }) as unknown as IncomingMessage
  const exchange = (key?: string, operation = 'products.get') =>
    ({ key, operation, tenant: 'public', account: { faults: new FaultsSection() } }) as unknown as Exchange
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('come from the client, the most specific first', () => {
    const { faults } = faultsBench({ rules: [rule('a')] })
    const idempotent = { 'idempotency-key': 'order-1', traceparent }
    expect(faults.subjectOf(exchange('mine'), request(idempotent)).key).toBe('mine')
    expect(faults.subjectOf(exchange(), request(idempotent)).key).toBe('order-1')
    expect(faults.subjectOf(exchange(), request({ traceparent })).key).toBe(
      '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
    )
    expect(faults.subjectOf(exchange(), request({ traceparent: 'nonsense' })).key).toBeTypeOf('number')
    expect(faults.subjectOf(exchange(), request()).path).toBe('/products/1')
  })

  it('otherwise count the arrivals of each operation, from the first faults on', () => {
    const { faults, change } = faultsBench({ rules: [rule('a')] })
    const keys = (operation: string) =>
      [1, 2].map(() => faults.subjectOf(exchange(undefined, operation), request()).key)
    const first = [...keys('products.get'), ...keys('orders.list')]
    expect(new Set(first).size).toBe(4)
    change({ rules: [rule('b')] })
    expect(keys('products.get')).not.toContain(first[0])
    change({ rules: [] })
    change({ rules: [rule('a')] })
    expect(keys('products.get')).toEqual(first.slice(0, 2))
  })
})

describe('what is counted', () => {
  it('is kept by rule and by run', () => {
    const { faults } = faultsBench({ rules: [rule('a', { share: 0.5 }), rule('b', { match: { tenant: 'other' } })] })
    const section = new FaultsSection()
    let affected = 0
    for (let key = 0; key < 100; key++) {
      const plan = faults.planOf(subject({ key, faults: section }))
      for (const injection of plan ?? []) {
        affected += 1
        injection.delayed(10, 12)
      }
    }
    expect(section.report()).toMatchObject({
      rules: [{ id: 'a', type: 'status', matched: 100, injected: affected, plannedDelay: { sumMs: affected * 10 } }],
      notKept: 0,
    })
    const [a, b] = faults.report().rules
    expect(a).toMatchObject({ matched: 100, injected: affected, share: { configured: 0.5, agrees: true } })
    expect(a?.delay).toMatchObject({ planned: { count: affected }, actual: { maxMs: 12 }, error: { minMs: 2 } })
    expect({ matched: b?.matched, delay: b?.delay }).toEqual({ matched: 0, delay: undefined })
  })

  it('stays bounded however many rules a run meets', () => {
    const section = new FaultsSection()
    for (let id = 0; id < 1000; id++) section.met({ id: `r${id}`, fault: { type: 'hang' } }, 1, true)
    const { rules, notKept } = section.report()
    expect(rules.length + notKept).toBe(1000)
    expect(rules.length).toBeLessThanOrEqual(256)
  })

  it('takes memory of the budget, and is less where there is none to spare', () => {
    const source = (id: string) => ({ id, fault: { type: 'delay' as const, distribution: 10 } })
    let left = 130_000
    const section = new FaultsSection({
      tryCharge: bytes => {
        if (bytes > left) return false
        left -= bytes
        return true
      },
    })
    for (const id of ['a', 'b']) {
      section.met(source(id), 1, true)
      section.delayed(source(id), 10, 12)
    }
    const [a, b] = section.report().rules
    expect({ plannedDelayCount: a?.plannedDelay?.count, injected: b?.injected, plannedDelay: b?.plannedDelay }).toEqual(
      { plannedDelayCount: 1, injected: 1, plannedDelay: undefined },
    )
    left = 0
    section.met(source('c'), 1, true)
    expect(section.report()).toMatchObject({ rules: [{ id: 'a' }, { id: 'b' }], notKept: 1 })
  })
})

it('draws the times of a fault by key, and those of a replay by order', () => {
  const { faults } = faultsBench({
    rules: [
      rule('drawn', { fault: { type: 'delay', distribution: { type: 'exponential', mean: '10ms' } } }),
      rule('replayed', { fault: { type: 'delay', distribution: { type: 'replay', trace: [1, 2, 3], loop: true } } }),
    ],
  })
  const times = ['a', 'b', 'a', 'b'].map(key => faults.planOf(subject({ key }))!.map(injection => injection.drawMs()))
  expect(times[0]![0]).toBe(times[2]![0])
  expect(times[0]![0]).not.toBe(times[1]![0])
  expect(times.map(([, replayed]) => replayed)).toEqual([1, 2, 3, 1])
})

describe('forgetting counts', () => {
  const replay: FaultRule['fault'] = { type: 'delay', distribution: { type: 'replay', trace: [1, 2, 3], loop: true } }

  it('resets the counts of all rules, also of inactive phases, and changes no decision', async () => {
    const { faults, injected, clock } = faultsBench({
      rules: [rule('replayed', { fault: replay })],
      timeline: {
        phases: [
          { name: 'one', duration: 10, faults: [rule('in-one')] },
          { name: 'two', duration: 10, faults: [rule('in-two')] },
        ],
        loop: true,
      },
    })
    const section = new FaultsSection()
    const [first] = faults.planOf(subject({ faults: section }))!
    await clock.advance(10)
    expect(injected(subject())).toEqual(['replayed', 'in-two'])
    faults.forgetCounts()
    // Affected before: it counts on where it was counted.
    first!.delayed(1, 1)
    const counts = () => faults.report().rules.map(({ rule: { id }, matched, delay }) => [id, matched, delay])
    expect(counts()).toEqual([
      ['replayed', 0, undefined],
      ['in-two', 0, undefined],
    ])
    expect(faults.planOf(subject())![0]!.drawMs()).toBe(3)
    await clock.advance(10)
    expect(counts().map(([id, matched]) => [id, matched])).toEqual([
      ['replayed', 1],
      ['in-one', 0],
    ])
    expect(section.report().rules).toMatchObject([{ id: 'replayed', matched: 1 }, { id: 'in-one' }])
  })
})
