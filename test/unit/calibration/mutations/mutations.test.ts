import { describe, expect, it } from 'vitest'
import { rulesOf } from '../../../../calibration/mutations/mutation.ts'
import { mutations } from '../../../../calibration/mutations/mutations.ts'
import { type ScriptTraffic, trafficOf } from '../../../../calibration/mutations/traffic.ts'
import { ruleErrors } from '../../../../contract/faults/check-rule.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { account, empty, ledgerSide } from '../sides.ts'

const served = { statuses: { 200: 5 }, arrivals: 5 }
const endpoint = {
  operation: 'sockets.chat' as const,
  opened: 1,
  closed: {},
  received: 3,
  refusals: {},
  delivered: 9,
  dropped: {},
  unsent: 0,
  pings: 0,
  missedPongs: 0,
  lifetime: empty,
}

/** The traffic of a script that does everything. */
function everything(): ScriptTraffic {
  const names = [
    'auth.login',
    'users.me',
    'products.list',
    'products.get',
    'orders.create',
    'reports.create',
    'reports.get',
    'streams.read',
    'sockets.chat',
    'unmatched',
  ] as const
  const ledger = ledgerSide()
  const delivery = {
    stream: 'orders',
    offered: 9,
    takenOver: 0,
    delivered: 9,
    polled: 0,
    dropped: {},
    filtered: 0,
    elsewhere: 0,
    expired: 0,
    unsent: 0,
  }
  return trafficOf({
    ...ledger,
    operations: names.map(name => account(name, served)),
    streams: { ...ledger.streams, deliveries: [delivery] },
    sockets: { ...ledger.sockets, endpoints: [endpoint] },
  })
}

describe('the traffic of a script', () => {
  it('says what can be affected, and leaves out how it gets tokens', () => {
    expect(everything()).toMatchObject({
      requests: ['users.me', 'products.list', 'products.get', 'orders.create', 'reports.create', 'reports.get'],
      lists: ['products.list'],
      byId: ['products.get', 'reports.get'],
      // Guests may order, but a client with a token shows it.
      admitted: ['users.me', 'orders.create', 'reports.create', 'reports.get'],
      open: ['streams.read', 'sockets.chat'],
      delivering: ['streams.read', 'sockets.chat'],
      asking: ['sockets.chat'],
      jobs: 4,
    })
  })

  it('is that of tokens when it asks for nothing else', () => {
    const ledger = { ...ledgerSide(), operations: [account('oauth.token', served)] }
    expect(trafficOf(ledger).requests).toEqual(['oauth.token'])
  })

  it('has no list and nothing by its id where every request was refused', () => {
    const refused = { statuses: { 404: 5 }, arrivals: 5 }
    const ledger = {
      ...ledgerSide(),
      operations: [account('products.get', refused), account('products.list', refused)],
    }
    expect(trafficOf(ledger)).toMatchObject({ requests: ['products.get', 'products.list'], lists: [], byId: [] })
  })

  it('shows no token where it never got one', () => {
    const ledger = { ...ledgerSide(), operations: [account('orders.create', served)] }
    expect(trafficOf(ledger).admitted).toEqual([])
  })

  it('has the 99th percentile over all its requests', () => {
    const lastByte = new Histogram()
    lastByte.record(40)
    const ledger = {
      ...ledgerSide(),
      operations: [account('products.get', { ...served, lastByte: lastByte.toJSON() })],
    }
    expect(trafficOf(ledger).p99Ms).toBeCloseTo(40, 0)
  })
})

describe('the mutations', () => {
  it('can all be done to a script that does everything, by rules that a target accepts', () => {
    for (const mutation of mutations) {
      const plan = mutation.plan(everything())
      expect(plan, mutation.id).not.toHaveProperty('reason')
      if ('reason' in plan) continue
      for (const rule of rulesOf(mutation, plan, 7)) expect(ruleErrors(rule), mutation.id).toEqual([])
      expect(plan.rules.length > 0 || plan.settings !== undefined, mutation.id).toBe(true)
    }
  })

  it('are left out with a reason where a script asks for nothing that they affect', () => {
    const traffic = trafficOf({
      ...ledgerSide(),
      operations: [account('products.get', served)],
      reports: { ...ledgerSide().reports, queued: 0 },
    })
    const skipped = mutations.filter(mutation => 'reason' in mutation.plan(traffic)).map(({ id }) => id)
    expect(skipped).toEqual([
      'empty_list',
      'expired_token',
      'cut_stream',
      'lost_events',
      'repeated_events',
      'reordered_events',
      'malformed_events',
      'wrong_reply',
      'silent_stream',
      'failed_jobs',
      'endless_jobs',
    ])
  })

  it('affect other requests with another seed', () => {
    const [mutation] = mutations
    const plan = mutation!.plan(everything())
    if ('reason' in plan) throw new Error(plan.reason)
    const ids = [1, 2].map(seed => rulesOf(mutation!, plan, seed).map(({ id }) => id))
    expect(ids[0]).not.toEqual(ids[1])
  })

  it('have ids of their own', () => {
    expect(new Set(mutations.map(({ id }) => id)).size).toBe(mutations.length)
  })
})
