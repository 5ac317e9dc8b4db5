import { describe, expect, it } from 'vitest'
import { execute } from '../../../../harness/load/execute.ts'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import { counter } from '../../../../harness/scenario.ts'
import type { Behaviour } from '../../../../harness/scenario.ts'
import type { Tags } from '../../../../harness/metrics/catalog.ts'
import { wholeRun } from '../../../../harness/metrics/interval.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

const sold = counter('sold', { tags: ['kind'] })

async function runUser(iterate: Behaviour<unknown>['iterate'], count = 1) {
  const fake = fakeFloor([{ behaviour: { iterate } }], wholeRun, { metrics: [sold] })
  const load: LoadPlan = {
    executor: 'per-vu-iterations',
    vus: 1,
    iterations: count,
    maxDurationMs: 600_000,
    gracefulStopMs: 0,
  }
  await fake.clock.finish(execute(load, fake.execution))
  return fake
}

const groupsOf = ({ snapshot }: Awaited<ReturnType<typeof runUser>>, metric: string) =>
  snapshot.select(metric).map(({ tags }) => tags.group)

function soldIn({ snapshot }: Awaited<ReturnType<typeof runUser>>, selector: Tags): number {
  const value = snapshot.merged('sold', selector)
  return value?.kind === 'counter' ? value.total : 0
}

describe('groups', () => {
  it('measure each run of their work, as often as iterations make it', async () => {
    const fake = await runUser(({ group, sleep }) => group('cart', () => sleep('30ms')), 4)
    const duration = fake.snapshot.histogram('group_duration', { group: 'cart', user: 'user 0' })
    expect(duration.count).toBe(fake.snapshot.total('iterations'))
    expect(duration.minMs).toBe(30)
  })

  it('join the names of groups within groups, and return what the work returns', async () => {
    let returned: unknown
    const fake = await runUser(async ({ group, record, check }) => {
      returned = await group('checkout', () =>
        group('payment', () => {
          record(sold, 2, { kind: 'book' })
          check(1, { one: value => value === 1 })
          return 'paid'
        }),
      )
      record(sold, 1)
    })
    expect(returned).toBe('paid')
    expect(groupsOf(fake, 'sold')).toEqual(['checkout::payment', undefined])
    expect(groupsOf(fake, 'checks')).toEqual(['checkout::payment'])
    expect(groupsOf(fake, 'group_duration')).toEqual(['checkout::payment', 'checkout'])
    expect(soldIn(fake, { kind: 'book' })).toBe(2)
  })

  it('stay apart when they run at the same time', async () => {
    const fake = await runUser(async ({ group, record, sleep }) => {
      const work = (name: string, times: number) =>
        group(name, async () => {
          for (let time = 0; time < times; time += 1) {
            await sleep('10ms')
            record(sold, 1)
          }
        })
      await group('all', () => Promise.all([work('a', 3), work('b', 5)]))
    })
    expect(soldIn(fake, { group: 'all::a' })).toBe(3)
    expect(soldIn(fake, { group: 'all::b' })).toBe(5)
  })

  it('end when the work throws, and nothing of them is left', async () => {
    const fake = await runUser(async ({ group, record }) => {
      await group('cart', () => {
        throw new Error('empty')
      }).catch(() => {})
      record(sold, 1)
    })
    expect(fake.snapshot.total('groups_failed', { group: 'cart' })).toBe(1)
    expect(groupsOf(fake, 'group_duration')).toEqual([])
    expect(groupsOf(fake, 'sold')).toEqual([undefined])
  })

  it.each([
    ['', () => {}, 'expected a name of 1 to 100 characters, got ""'],
    ['a::b', () => {}, ':: joins the names of nested groups, so "a::b" cannot contain it'],
    ['cart', 'work', 'expected a function after the name "cart", got "work"'],
  ])('refuse the name %o with work %o', async (name, work, message) => {
    const fake = await runUser(({ group }) => group(name, work as () => void))
    expect(fake.snapshot.errors.rows()[0]?.example).toContain(message)
  })
})

describe('record', () => {
  it.each([
    [counter('other'), 'other is not among the metrics of the scenario; add it there: metrics: [other, …]'],
    ['sold' as never, 'expected a metric made by counter, rate, trend or gauge, got string'],
  ])('refuses what is not declared: %o', async (metric, message) => {
    const fake = await runUser(({ record }) => record(metric, 1))
    expect(fake.snapshot.errors.rows()[0]?.example).toContain(message)
  })

  it('refuses a tag that the metric does not declare', async () => {
    const fake = await runUser(({ record }) => record(sold, 1, { knid: 'book' } as never))
    expect(fake.snapshot.errors.rows()[0]?.example).toContain(
      'there is no tag "knid" in the tags of sold; did you mean "kind"?',
    )
  })
})
