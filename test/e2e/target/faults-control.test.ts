import { describe, expect, it } from 'vitest'
import type {
  FaultRuleReport,
  FaultsExplanation,
  FaultsReport,
  TimelineReport,
} from '../../../contract/faults/report.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { Configuration } from '../../../target/configuration/configuration.ts'
import type { Problem } from '../../../contract/problem.ts'
import { testTarget, type TestTarget } from './support.ts'

const json = { 'content-type': 'application/json' }
const unavailable = { type: 'status', status: 503 } as const

interface Answer {
  status: number
  headers: Headers
  body: unknown
}

function control({ url }: TestTarget) {
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${url}/_loadcell/${path}`, {
      method,
      // Some clients send a JSON content type without a body.
      headers: json,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, headers: answer.headers, body: await answer.json() }
  }
}

const idsOf = ({ body }: Answer) => (body as FaultsReport).rules.map(({ rule }) => rule.id)
const errorsOf = ({ body }: Answer) => (body as Problem).errors

async function statusesOf(target: TestTarget, keys: string[], path = '/products/1'): Promise<number[]> {
  return Promise.all(
    keys.map(async key => (await fetch(target.url + path, { headers: { 'x-loadcell-exchange': key } })).status),
  )
}

const keys = Array.from({ length: 60 }, (_, index) => `e${index}`)

describe('fault rules', () => {
  it('are added and removed one by one, and act at once', async () => {
    const target = await testTarget()
    const send = control(target)
    const rule: FaultRule = { id: 'down', match: { operation: 'products.get' }, fault: unavailable }
    const posted = await send('POST', 'faults', rule)
    expect({ postedStatus: posted.status, location: posted.headers.get('location') }).toEqual({
      postedStatus: 201,
      location: '/_loadcell/faults/down',
    })
    expect(posted.body).toMatchObject({ rule, source: 'rules', matched: 0, share: { configured: 1 } })
    expect(await statusesOf(target, ['a'])).toEqual([503])
    expect(await statusesOf(target, ['a'], '/products')).toEqual([200])
    expect((await send('GET', 'faults/down')).body).toMatchObject({ matched: 1, injected: 1 })
    // They are settings like any other.
    expect(((await send('GET', 'config')).body as Configuration).faults.rules).toEqual([rule])

    const again = await send('POST', 'faults', rule)
    expect(again).toMatchObject({ status: 409, body: { code: 'fault_exists' } })
    expect((await send('PUT', 'faults/down', { ...rule, share: 0 })).status).toBe(200)
    expect(await statusesOf(target, ['a'])).toEqual([200])
    expect((await send('PUT', 'faults/other', { ...rule, id: 'other' })).status).toBe(201)
    expect((await send('PUT', 'faults/other', rule)).status).toBe(400)
    expect(await statusesOf(target, ['a'])).toEqual([503])
    expect(idsOf(await send('DELETE', 'faults/other'))).toEqual(['down'])
    const gone = await send('DELETE', 'faults/dwn')
    expect(gone).toMatchObject({ status: 404, body: { detail: 'there is no rule dwn; did you mean down?' } })
    expect(await statusesOf(target, ['a'])).toEqual([200])
  })

  it('are replaced as a whole, and unchanged ones keep their counts', async () => {
    const target = await testTarget()
    const send = control(target)
    const rule: FaultRule = { id: 'third', match: { operation: 'products.get' }, share: 0.3, fault: unavailable }
    const first = (await send('PUT', 'faults', { rules: [rule], presets: ['slow_identity'] })).body as FaultsReport
    const statuses = await statusesOf(target, keys)
    const failed = statuses.filter(status => status === 503).length
    expect(failed).toBeGreaterThan(0)
    expect(failed).toBeLessThan(keys.length)
    const second = (await send('PUT', 'faults', { rules: [{ id: 'new', fault: { type: 'hang' }, share: 0 }, rule] }))
      .body
    expect((second as FaultsReport).rules).toMatchObject([
      { rule: { id: 'new' }, matched: 0 },
      {
        rule,
        setAt: first.rules[0]!.setAt,
        matched: keys.length,
        injected: failed,
        share: { configured: 0.3, observed: failed / keys.length, interval: { level: 0.99 }, agrees: true },
      },
    ])
    const { faults } = await target.settledLedger()
    expect(faults.rules.find(({ id }) => id === 'third')).toMatchObject({
      type: 'status',
      matched: 60,
      injected: failed,
    })
  })

  it('give the same keys the same fate, in any order and in any target with the same seed', async () => {
    const flags = { 'faults.rules': JSON.stringify([{ id: 'third', share: 0.3, fault: unavailable }]) }
    const [one, two, other] = await Promise.all([
      testTarget(flags),
      testTarget(flags),
      testTarget({ ...flags, seed: '2' }),
    ])
    const statuses = await statusesOf(one, keys)
    expect(await statusesOf(one, keys)).toEqual(statuses)
    expect((await statusesOf(two, keys.toReversed())).toReversed()).toEqual(statuses)
    expect(await statusesOf(other, keys)).not.toEqual(statuses)
  })

  it('are rejected as a whole, with a pointer into the body', async () => {
    const target = await testTarget()
    const send = control(target)
    const good = { id: 'good', fault: unavailable }
    await send('PUT', 'faults', { rules: [{ ...good, id: 'before', share: 0 }], presets: ['gc_pauses'] })
    const before = (await send('GET', 'config')).body
    const attempts: [Answer, string, string][] = [
      [
        await send('PUT', 'faults', { rules: [good, { ...good, id: 'b', share: 1.5 }] }),
        '/rules/1/share',
        'expected 0…1, got 1.5',
      ],
      [await send('PUT', 'faults', { presets: ['brownot'] }), '/presets/0', 'did you mean brownout?'],
      [await send('PUT', 'faults', { rule: [] }), '/rule', 'no such key'],
      [await send('POST', 'faults', { ...good, fault: { type: 'dely' } }), '/fault/type', 'did you mean delay?'],
      [await send('POST', 'faults', {}), '/id', 'expected a value'],
      [await send('POST', 'faults', [good]), '', 'expected an object'],
      [await send('PUT', 'faults/good', 'flaky'), '', 'expected an object, got "flaky"'],
      [await send('PATCH', 'config', { faults: { rules: [good, good] } }), '/faults/rules/1/id', 'got "good" again'],
      [await send('PUT', 'timeline', { phases: [{ name: 'x', duration: 0 }] }), '/phases/0/duration', 'at least 1ms'],
    ]
    for (const [answer, pointer, detail] of attempts) {
      expect({ status: answer.status, pointer: errorsOf(answer)?.[0]?.pointer }).toEqual({ status: 400, pointer })
      expect(errorsOf(answer)?.[0]?.detail).toContain(detail)
      expect((answer.body as Problem).detail).toContain(detail)
    }
    expect((await send('POST', 'faults', { ...good, id: 'gc_pauses.pause' })).status).toBe(409)
    expect(errorsOf(await send('POST', 'faults', { 'a/b~c': 1 }))?.at(-1)?.pointer).toBe('/a~1b~0c')
    expect((await send('GET', 'config')).body).toEqual(before)
  })

  it('are rejected if they contradict existing rules', async () => {
    const send = control(await testTarget())
    const numbers: FaultRule = { id: 'r1', fault: { type: 'capacity', station: 'db', servers: 1, service: '1ms' } }
    const rules: FaultRule[] = Array.from({ length: 11 }, (_, index) => ({ id: `r${index}`, fault: unavailable }))
    rules[1] = numbers
    rules[10] = { id: 'r10', fault: { type: 'capacity', station: 'db' } }
    expect((await send('PUT', 'faults', { rules })).status).toBe(200)
    const refused = await send('PUT', 'faults/r1', { ...numbers, fault: unavailable })
    expect({ refusedStatus: refused.status, errorsOfRefused: errorsOf(refused) }).toEqual({
      refusedStatus: 400,
      errorsOfRefused: [
        {
          pointer: '',
          detail: expect.stringContaining('faults.rules[10].fault.station: expected a station') as string,
        },
      ],
    })
  })

  it('end with their ttl, and when all faults are removed', async () => {
    const target = await testTarget()
    const send = control(target)
    await send('PUT', 'faults', {
      rules: [{ id: 'short', ttl: '1ms', fault: unavailable }],
      presets: ['slow_identity'],
    })
    while (idsOf(await send('GET', 'faults')).includes('short'));
    expect(((await send('GET', 'config')).body as Configuration).faults.rules).toEqual([])
    expect(idsOf(await send('DELETE', 'faults/slow_identity.slow'))).toEqual([])
    await send('PUT', 'faults', { presets: ['flaky'] })
    const apart = await send('DELETE', 'faults/flaky.reset')
    expect(idsOf(apart)).toEqual(['flaky.error', 'flaky.truncated'])
    expect((apart.body as FaultsReport).presets).toEqual([])
    await send('PUT', 'faults', { presets: ['flaky'] })
    expect(idsOf(await send('DELETE', 'faults/flaky'))).toEqual([])
    await send('PUT', 'faults', { rules: [{ id: 'down', fault: unavailable }], presets: ['flaky'] })
    await send('PUT', 'timeline', { phases: [{ name: 'bad', duration: '1h', faults: ['brownout'] }] })
    expect((await send('DELETE', 'faults')).body).toEqual({ rules: [], presets: [] })
    expect((await send('GET', 'timeline')).body).toEqual({ timeline: null, bands: [] })
    expect(await statusesOf(target, ['a'])).toEqual([200])
  })

  it('never touch the control plane', async () => {
    const target = await testTarget({ 'faults.rules': JSON.stringify([{ id: 'all', fault: unavailable }]) })
    expect(await statusesOf(target, ['a'], '/healthz')).toEqual([503])
    for (const path of ['/_loadcell/faults', '/_loadcell/config', '/metrics', '/openapi.json']) {
      expect({ path, status: (await fetch(target.url + path)).status }).toEqual({ path, status: 200 })
    }
  })
})

describe('explaining', () => {
  it('previews the fate of a key, and counts nothing', async () => {
    const target = await testTarget()
    const send = control(target)
    const rules: FaultRule[] = [
      {
        id: 'third',
        match: { operation: 'products.get', header: { 'x-canary': 'yes' } },
        share: 0.3,
        fault: unavailable,
      },
      { id: 'later', window: { from: '1h', to: '2h' }, fault: unavailable },
      { id: 'elsewhere', match: { operation: 'orders.*' }, fault: unavailable },
    ]
    await send('PUT', 'faults', { rules })
    const headers = { 'x-canary': 'yes' }
    const foretold: string[] = []
    for (const key of keys) {
      const { body } = await send('POST', 'faults/explain', {
        path: '/products/1',
        headers: { 'X-Canary': 'yes' },
        key,
      })
      const explanation = body as FaultsExplanation
      expect(explanation.rules.map(({ id, matches, acts }) => [id, matches, acts])).toEqual([
        ['third', true, true],
        ['later', true, false],
        ['elsewhere', false, true],
      ])
      if (explanation.strikes.length > 0) foretold.push(key)
    }
    expect(((await send('GET', 'faults')).body as FaultsReport).rules[0]).toMatchObject({ matched: 0 })
    const affected: string[] = []
    for (const key of keys) {
      const { status } = await fetch(`${target.url}/products/1`, {
        headers: { ...headers, 'x-loadcell-exchange': key },
      })
      if (status === 503) affected.push(key)
    }
    expect(affected).toEqual(foretold)
  })

  it('distinguishes the attempts under one key, as the target does', async () => {
    const target = await testTarget()
    const send = control(target)
    await send('PUT', 'faults', { rules: [{ id: 'half', share: 0.5, fault: unavailable }] })
    const fates: boolean[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      const headers = { 'x-loadcell-exchange': 'mine', 'x-loadcell-attempt': String(attempt) }
      const { strikes } = (await send('POST', 'faults/explain', { path: '/products/1', headers }))
        .body as FaultsExplanation
      const { status } = await fetch(`${target.url}/products/1`, { headers })
      expect(status).toBe(strikes.includes('half') ? 503 : 200)
      fates.push(status === 503)
    }
    expect(new Set(fates).size).toBe(2)
  })

  it('previews the fate of arrivals without a key, and the delay that is drawn', async () => {
    const target = await testTarget()
    const send = control(target)
    const distribution = { type: 'exponential', mean: '3ms' }
    const rules = [
      { id: 'half', share: 0.5, fault: unavailable },
      { id: 'slow', fault: { type: 'delay', distribution } },
    ]
    await send('PUT', 'faults', { rules })
    const arrivals = [0, 1, 2, 3, 4, 5, 6, 7]
    const foretold = await Promise.all(
      arrivals.map(
        async key =>
          (await send('POST', 'faults/explain', { operation: 'products.get', key })).body as FaultsExplanation,
      ),
    )
    const statuses: number[] = []
    for (const _ of arrivals) statuses.push((await fetch(`${target.url}/products/1`)).status)
    expect(statuses).toEqual(foretold.map(({ strikes }) => (strikes.includes('half') ? 503 : 200)))
    const { delay } = (await send('GET', 'faults/slow')).body as FaultRuleReport
    const drawnMs = foretold.map(({ rules: [, slow] }) => slow!.drawnMs!)
    expect(delay?.planned.sumMs).toBeCloseTo(
      drawnMs.reduce((sum, each) => sum + each, 0),
      6,
    )
    expect(delay?.actual.count).toBe(arrivals.length)
  })

  it('previews the fate of open streams without a key, by their ordinal', async () => {
    const target = await testTarget()
    const send = control(target)
    const match = { operation: 'streams.read', region: 'eu' }
    await send('PUT', 'faults', {
      rules: [{ id: 'cut', match, share: 0.5, fault: { type: 'disconnect', code: 1012 } }],
    })
    const path = '/v1/streams/orders?region=eu'
    const headers = { authorization: `Bearer ${await target.token('consumer')}` }
    const [foretold, cut]: [boolean[], boolean[]] = [[], []]
    for (let key = 0; key < 8; key++) {
      const { strikes } = (await send('POST', 'faults/explain', { path, key })).body as FaultsExplanation
      foretold.push(strikes.includes('cut'))
      const { injected: before } = (await send('GET', 'faults/cut')).body as FaultRuleReport
      const leaving = new AbortController()
      const { status } = await fetch(target.url + path, { headers, signal: leaving.signal })
      expect(status).toBe(200)
      cut.push(((await send('GET', 'faults/cut')).body as FaultRuleReport).injected > before)
      leaving.abort()
    }
    expect(new Set(foretold).size).toBe(2)
    expect(cut).toEqual(foretold)
  })

  it('sees only headers that were sent, whatever names the rules match', async () => {
    const target = await testTarget()
    const send = control(target)
    const header = { constructor: ['a*', '*'] }
    await send('PUT', 'faults', { rules: [{ id: 'odd', match: { header }, fault: unavailable }] })
    const foretold = await send('POST', 'faults/explain', { path: '/products/1' })
    expect(foretold).toMatchObject({ status: 200, body: { strikes: [] } })
    expect(await statusesOf(target, ['a'])).toEqual([200])
    expect((await fetch(`${target.url}/products/1`, { headers: { constructor: 'abc' } })).status).toBe(503)
  })

  it('names unknown fields', async () => {
    const send = control(await testTarget())
    for (const [request, detail] of [
      [{}, 'expected an operation, or a path, got neither'],
      [{ operation: 'product.get' }, 'did you mean products.get?'],
      [{ operation: 'orders.*' }, 'expected one operation'],
      [{ path: 'products/1' }, 'expected a path such as /products/1, got "products/1"'],
      [{ operation: 'orders.get', key: -1 }, 'expected a key, or an ordinal from 0'],
    ] as const) {
      const answer = await send('POST', 'faults/explain', request)
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) as string } })
    }
    const unknownPath = (await send('POST', 'faults/explain', { path: '/nowhere?x=1' })).body as FaultsExplanation
    expect(unknownPath.request).toMatchObject({ operation: 'unmatched', path: '/nowhere' })
  })
})

describe('a timeline', () => {
  it('is set together with rules, or not at all', async () => {
    const send = control(await testTarget())
    const rules: FaultRule[] = [{ id: 'always', fault: { type: 'hang' } }]
    const phases = [{ name: 'bad', duration: '1h', faults: ['brownout'] }]
    const put = await send('PUT', 'faults', { rules, timeline: { phases } })
    expect({ putStatus: put.status, idsOfPut: idsOf(put) }).toEqual({
      putStatus: 200,
      idsOfPut: ['always', 'brownout.slow', 'brownout.unavailable'],
    })
    const refused = await send('PUT', 'faults', { timeline: { phases: [{ name: 'none', duration: 0 }] } })
    expect(refused.status).toBe(400)
    expect(errorsOf(refused)?.[0]?.pointer).toBe('/timeline/phases/0/duration')
    expect(idsOf(await send('GET', 'faults'))).toEqual(idsOf(put))
    const { startedAt } = (await send('GET', 'timeline')).body as TimelineReport
    await send('PUT', 'faults', { rules })
    expect((await send('GET', 'timeline')).body).toMatchObject({ timeline: { phases }, startedAt })
    await send('PUT', 'faults', { rules, timeline: { phases } })
    expect(((await send('GET', 'timeline')).body as TimelineReport).startedAt).toBeGreaterThan(startedAt!)
  })

  it('goes through its phases, and reports the current and earlier ones', async () => {
    const target = await testTarget()
    const send = control(target)
    const phases = [
      { name: 'good', duration: '30ms' },
      { name: 'bad', duration: '1h', faults: [{ id: 'down', fault: unavailable }] },
    ]
    const before = Date.now()
    const put = (await send('PUT', 'timeline', { phases })).body as TimelineReport
    expect(put.startedAt).toBeGreaterThan(before - 5)
    expect(put.phase).toMatchObject({ name: 'good', from: put.startedAt, to: put.startedAt! + 30 })
    while ((await statusesOf(target, ['a']))[0] === 200);
    const report = (await send('GET', 'timeline')).body as TimelineReport
    expect(report.bands.map(({ name, rules }) => [name, rules])).toEqual([
      ['good', []],
      ['bad', ['down']],
    ])
    expect(report.phase).toMatchObject({ name: 'bad', from: put.startedAt! + 30 })
    expect((await send('GET', 'faults')).body).toMatchObject({ rules: [{ rule: { id: 'down' }, source: 'timeline' }] })
    expect((await send('DELETE', 'timeline')).body).toEqual({ timeline: null, bands: [] })
    expect(await statusesOf(target, ['a'])).toEqual([200])
  })

  it('starts over when it is set again, and starts with the target when configured', async () => {
    const timeline = { phases: [{ name: 'only', duration: '1h', faults: ['slow_identity'] }] }
    const target = await testTarget({ 'faults.timeline': JSON.stringify(timeline) })
    const send = control(target)
    const configured = (await send('GET', 'timeline')).body as TimelineReport
    expect(configured).toMatchObject({ timeline, phase: { name: 'only' } })
    await send('PATCH', 'config', { orders: {} })
    expect((await send('GET', 'timeline')).body).toMatchObject({ startedAt: configured.startedAt })
    const again = (await send('PUT', 'timeline', timeline)).body as TimelineReport
    expect(again.startedAt).toBeGreaterThan(configured.startedAt!)
  })
})

it('the presets are listed with their descriptions, and can be set by name', async () => {
  const send = control(await testTarget())
  const { presets } = (await send('GET', 'presets')).body as { presets: { name: string; description: string }[] }
  expect(presets.map(({ name }) => name)).toEqual(expect.arrayContaining(['healthy', 'brownout', 'lossy_stream']))
  for (const { description } of presets) expect(description).toMatch(/^[A-Z].*\.$/)
  const names = presets.map(({ name }) => name)
  const report = (await send('PUT', 'faults', { presets: names })).body as FaultsReport
  expect(report.presets).toEqual(names)
})
