import { describe, expect, it } from 'vitest'
import { limitsBench } from './support.ts'

describe('a rate limit', () => {
  it('admits a burst, then as many requests as tokens come back', async () => {
    const { ask, clock } = limitsBench([{ name: 'shop', by: 'client', requests: 2, per: '1s', burst: 3 }])
    const outcome = () => ask('products.list').retryAfterSeconds
    expect([outcome(), outcome(), outcome(), outcome()]).toEqual([undefined, undefined, undefined, 1])
    await clock.advance(499)
    expect(outcome()).toBe(1)
    await clock.advance(1)
    expect([outcome(), outcome()]).toEqual([undefined, 1])
  })

  it('reports its state as structured fields', async () => {
    const { ask, clock } = limitsBench([
      { name: 'shop', by: 'client', requests: 2, per: '90s' },
      { name: 'all', by: 'tenant', requests: 5, per: '500ms' },
    ])
    const policy = '"shop";q=2;w=90, "all";q=5;w=1'
    expect(ask('products.list')).toEqual({
      policy,
      standing: '"shop";r=1;t=45, "all";r=4;t=1',
      retryAfterSeconds: undefined,
    })
    ask('products.list')
    await clock.advance(1500)
    expect(ask('products.list')).toEqual({ policy, standing: '"shop";r=0;t=44, "all";r=5;t=0', retryAfterSeconds: 44 })
  })

  it('admits a caller that waited as long as Retry-After said, however the wait is rounded', async () => {
    const { ask, clock } = limitsBench([{ name: 'shop', by: 'client', requests: 7, per: '10s', burst: 1 }])
    for (let round = 0; round < 50; round++) {
      expect(ask('products.list').retryAfterSeconds).toBeUndefined()
      await clock.advance(round * 0.25)
      await clock.advance(ask('products.list').retryAfterSeconds! * 1000)
    }
  })

  it('takes no token of any rule if one refuses', async () => {
    const { ask, clock } = limitsBench([
      { name: 'many', by: 'client', requests: 10, per: '1h' },
      { name: 'few', by: 'client', requests: 1, per: '1s' },
    ])
    ask('products.list')
    for (let i = 0; i < 20; i++) expect(ask('products.list').standing).toMatch(/^"many";r=9;.*"few";r=0;/)
    await clock.advance(1000)
    expect(ask('products.list').standing).toMatch(/^"many";r=8;/)
  })

  it('tells the caller to wait for the slowest of the rules that refuse', () => {
    const { ask } = limitsBench([
      { name: 'second', by: 'client', requests: 1, per: '1s' },
      { name: 'minute', by: 'client', requests: 1, per: '1m' },
      { name: 'hour', by: 'client', requests: 2, per: '1h' },
    ])
    ask('products.list')
    expect(ask('products.list').retryAfterSeconds).toBe(60)
  })

  it('counts only the operations it names', () => {
    const { ask } = limitsBench([
      { name: 'orders', by: 'client', requests: 1, operations: ['orders.*', 'tasks.create'] },
    ])
    expect(ask('orders.create').retryAfterSeconds).toBeUndefined()
    expect(ask('orders.list').retryAfterSeconds).toBe(1)
    expect(ask('tasks.create').retryAfterSeconds).toBe(1)
    expect(ask('tasks.list')).toEqual({ policy: undefined, standing: undefined, retryAfterSeconds: undefined })
  })
})

describe('the owner of a bucket', () => {
  const spent = (by: 'client' | 'user' | 'tenant') => {
    const bench = limitsBench([{ name: 'one', by, requests: 1, per: '1m' }])
    const isAdmitted = (asker: Parameters<typeof bench.ask>[1]) =>
      bench.ask('orders.list', asker).retryAfterSeconds === undefined
    expect(isAdmitted({ user: '7', client: 'app', address: '10.0.0.1', tenant: 'a' })).toBe(true)
    return isAdmitted
  }

  it('is the user, whichever client sends the request', () => {
    const isAdmitted = spent('user')
    expect(isAdmitted({ user: '7', client: 'other', tenant: 'b' })).toBe(false)
    expect(isAdmitted({ user: '8', client: 'app', tenant: 'a' })).toBe(true)
    expect(isAdmitted({ client: '7' })).toBe(true)
  })

  it('is the client, whichever user it acts for', () => {
    const isAdmitted = spent('client')
    expect(isAdmitted({ user: '8', client: 'app', tenant: 'b' })).toBe(false)
    expect(isAdmitted({ client: 'app' })).toBe(false)
    expect(isAdmitted({ user: '7', client: 'other' })).toBe(true)
  })

  it('is the tenant, for all its callers', () => {
    const isAdmitted = spent('tenant')
    expect(isAdmitted({ address: '10.0.0.9', tenant: 'a' })).toBe(false)
    expect(isAdmitted({ user: '7', tenant: 'b' })).toBe(true)
  })

  it.each(['client', 'user'] as const)('is the address of a request without a token (by %s)', by => {
    const isAdmitted = spent(by)
    expect(isAdmitted({ address: '10.0.0.1' })).toBe(true)
    expect(isAdmitted({ address: '10.0.0.1', tenant: 'b' })).toBe(false)
    expect(isAdmitted({ address: '10.0.0.2' })).toBe(true)
  })
})

describe('the buckets', () => {
  it('are bounded: the least recently used one is full again', () => {
    const { ask } = limitsBench([{ name: 'one', by: 'client', requests: 1, per: '1h' }], { buckets: 2 })
    const isAdmitted = (address: string) => ask('products.list', { address }).retryAfterSeconds === undefined
    expect(['a', 'b', 'a', 'c', 'a', 'b', 'c'].map(isAdmitted)).toEqual([true, true, false, true, false, true, true])
  })

  it('stay as they are when a change leaves their rule as it was', () => {
    const rule = { name: 'one', by: 'client', requests: 1, per: '1h' } as const
    const { ask, change } = limitsBench([rule])
    ask('products.list')
    change([{ name: 'other', by: 'tenant', requests: 9 }, { ...rule }])
    expect(ask('products.list').retryAfterSeconds).toBe(3600)
    change([{ ...rule, requests: 2 }])
    expect(ask('products.list').standing).toMatch(/^"one";r=1;/)
  })

  it('are full after a reset, and gone with their rules', () => {
    const { ask, change, limits } = limitsBench([{ name: 'one', by: 'client', requests: 1, per: '1h' }])
    ask('products.list')
    limits.reset()
    expect(ask('products.list').retryAfterSeconds).toBeUndefined()
    expect(limits.on).toBe(true)
    change([])
    expect(limits.on).toBe(false)
  })
})

describe('the ledger of rate limits', () => {
  it('distinguishes callers that waited from those that did not', async () => {
    const { ask, clock, section } = limitsBench([{ name: 'one', by: 'user', requests: 1, per: '2s' }])
    for (const user of ['1', '2']) {
      ask('orders.list', { user })
      ask('orders.list', { user })
    }
    await clock.advance(500)
    ask('orders.list', { user: '2' })
    ask('orders.list', { user: '2' })
    await clock.advance(3500)
    ask('orders.list', { user: '1' })
    ask('orders.list', { user: '2' })
    expect(section.report()).toEqual({
      limited: 4,
      early: 2,
      callers: [
        { caller: 'user:1', limited: 1, early: 0, obeyed: true },
        { caller: 'user:2', limited: 3, early: 2, obeyed: false },
      ],
      callersNotKept: 0,
    })
  })

  it('tolerates a retry that is a millisecond early, and no more', async () => {
    const { ask, clock, section } = limitsBench([{ name: 'one', by: 'user', requests: 1, per: '1s' }])
    ask('orders.list')
    ask('orders.list')
    await clock.advance(999)
    ask('orders.list')
    expect(section.report()).toMatchObject({ limited: 2, early: 1 })
    await clock.advance(999.5)
    ask('orders.list')
    expect(section.report()).toMatchObject({ limited: 2, early: 1 })
  })

  it('does not blame a caller for the wait that another rule asked for', () => {
    const { ask, section } = limitsBench([
      { name: 'orders', by: 'client', requests: 1, per: '1m', operations: ['orders.*'] },
      { name: 'tasks', by: 'client', requests: 1, per: '1m', operations: ['tasks.*'] },
    ])
    ask('orders.list', { client: 'app' })
    ask('orders.list', { client: 'app' })
    ask('tasks.list', { client: 'app' })
    ask('products.list', { client: 'app' })
    expect(section.report()).toMatchObject({ limited: 1, early: 0 })
  })

  it('is bounded, and says how many it did not keep', () => {
    const { ask, section } = limitsBench([{ name: 'one', by: 'client', requests: 1, per: '1m' }], { callers: 1 })
    for (const address of ['a', 'a', 'b', 'b']) ask('products.list', { address })
    const { limited, callers, callersNotKept } = section.report()
    expect({ limited, callersNotKept }).toEqual({ limited: 2, callersNotKept: 1 })
    expect(callers.map(({ caller }) => caller)).toEqual(['address:a'])
  })
})
