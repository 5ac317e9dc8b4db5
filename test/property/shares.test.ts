import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { execute } from '../../harness/load/execute.ts'
import { executeAll } from '../../harness/load/execute-all.ts'
import type { LoadPlan } from '../../harness/load/plan.ts'
import { mostUsersOf } from '../../harness/load/run-load.ts'
import { type Share, sizeOf, wholeRun } from '../../harness/metrics/interval.ts'
import type { Context } from '../../harness/scenario.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fakeFloor } from '../support/fake-floor.ts'

/** The start, key and first draw of each user and each iteration. */
interface Begun {
  users: string[]
  iterations: string[]
  ordinals: number[]
  offered: number
  dropped: number
}

/** Returns an execution on a clock, and what it has started. */
function begunOn(
  clock: FakeClock,
  share: Share,
  { iterationMs = 700, ...place }: { iterationMs?: number | undefined; load?: string; firstId?: number } = {},
) {
  const [users, iterations]: [string[], string[]] = [[], []]
  const told = ({ vu, random }: Pick<Context<unknown>, 'vu' | 'random'>) =>
    `${clock.now().toFixed(3)} ms ${sessions.find(({ ordinal }) => ordinal === vu.id)?.exchanges.next()} ${random.next()}`
  const behaviour = {
    begin: (context: Context<undefined>) => void users.push(told(context)),
    iterate(context: Context<unknown>) {
      iterations.push(told(context))
      return clock.sleep(iterationMs)
    },
  }
  const kinds = [3, 2].map(share => ({ share, behaviour }))
  const { execution, sessions, snapshot, tally } = fakeFloor(kinds, share, { clock, ...place })
  const result = (): Begun => ({
    users,
    iterations,
    ordinals: sessions.map(({ ordinal }) => ordinal),
    offered: tally.offered,
    dropped: snapshot.total('dropped_iterations'),
  })
  return { execution, result }
}

async function begunBy(load: LoadPlan, share: Share, iterationMs?: number): Promise<Begun> {
  const clock = new FakeClock()
  const { execution, result } = begunOn(clock, share, { iterationMs })
  await clock.finish(execute(load, execution))
  return result()
}

/** Returns everything that the workers of a run started, in the order of time. */
async function begunByAll(load: LoadPlan, workers: number, iterationMs?: number): Promise<Begun> {
  const all = await Promise.all(
    Array.from({ length: workers }, (_, index) => begunBy(load, { index, of: workers }, iterationMs)),
  )
  return {
    users: all.flatMap(({ users }) => users),
    iterations: all.flatMap(({ iterations }) => iterations),
    ordinals: all.flatMap(({ ordinals }) => ordinals),
    offered: all.reduce((sum, { offered }) => sum + offered, 0),
    dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
  }
}

const vus = fc.integer({ min: 1, max: 9 })
const stages = fc.array(
  fc.record({ durationMs: fc.integer({ min: 0, max: 2500 }), target: fc.integer({ min: 0, max: 8 }) }),
  { minLength: 1, maxLength: 4 },
)
const durationMs = fc.integer({ min: 1, max: 4000 })
const open = { preAllocatedVUs: 40, maxVUs: 40, timeUnitMs: 1000, gracefulStopMs: 5000 }
const arrivals = fc.constantFrom('constant' as const, 'poisson' as const)

/** Loads whose iterations do not depend on which user is faster. */
const loads: Record<Exclude<LoadPlan['executor'], 'shared-iterations'>, fc.Arbitrary<LoadPlan>> = {
  'constant-vus': fc
    .record({ vus, durationMs })
    .map(load => ({ executor: 'constant-vus', gracefulStopMs: 5000, ...load })),
  'ramping-vus': fc
    .record({ startVUs: fc.integer({ min: 0, max: 5 }), stages })
    .map(load => ({ executor: 'ramping-vus', gracefulRampDownMs: 300, gracefulStopMs: 5000, ...load })),
  'per-vu-iterations': fc
    .record({ vus, iterations: fc.integer({ min: 0, max: 4 }) })
    .map(load => ({ executor: 'per-vu-iterations', maxDurationMs: 60_000, gracefulStopMs: 5000, ...load })),
  'constant-arrival-rate': fc
    .record({ ratePerSecond: fc.integer({ min: 1, max: 15 }), durationMs, arrivals })
    .map(load => ({ executor: 'constant-arrival-rate', ...open, ...load })),
  'ramping-arrival-rate': fc
    .record({ startRatePerSecond: fc.integer({ min: 0, max: 8 }), stages, arrivals })
    .map(load => ({ executor: 'ramping-arrival-rate', ...open, ...load })),
}

describe.each(Object.entries(loads))('the shares of a %s load', (_, load) => {
  it('together start the users and iterations of the whole run once each, with the same keys and draws', async () => {
    await fc.assert(
      fc.asyncProperty(load, fc.integer({ min: 1, max: 4 }), async (load, workers) => {
        const [whole, parts] = [await begunBy(load, wholeRun), await begunByAll(load, workers)]
        expect(parts.users.toSorted()).toEqual(whole.users.toSorted())
        expect(parts.iterations.toSorted()).toEqual(whole.iterations.toSorted())
        expect(parts.ordinals.toSorted((a, b) => a - b)).toEqual(whole.ordinals.toSorted((a, b) => a - b))
        expect(new Set(parts.ordinals).size).toBe(parts.ordinals.length)
        expect(parts.offered).toBe(whole.offered)
        expect(parts.dropped).toBe(0)
      }),
      { seed: 20_261_129, numRuns: 10 },
    )
  })
})

/** Loads of a run by name, in their order, with the start of each. */
type Loads = Record<string, { load: LoadPlan; startMs: number }>

/** Returns what a worker of a run with several loads starts, by load. All of them have the same kinds of user. */
async function begunInLoads(loads: Loads, share: Share): Promise<Record<string, Begun>> {
  const clock = new FakeClock()
  let firstId = 0
  const driven = Object.entries(loads).map(([name, { load, startMs }]) => {
    const begun = begunOn(clock, share, { load: name, firstId })
    const own = { name, startMs, load, users: [], firstId }
    firstId += mostUsersOf(load)
    return { name, begun, load: own, execution: begun.execution }
  })
  await clock.finish(executeAll(driven, 0))
  return Object.fromEntries(driven.map(({ name, begun }) => [name, begun.result()]))
}

const startMs = fc.integer({ min: 0, max: 3000 })
const anyLoad = fc.oneof(...Object.values(loads))
const named = (name: string) => fc.record({ load: anyLoad, startMs }).map(load => ({ [name]: load }))
const twoLoads = fc.tuple(named('browse'), named('sale')).map(([one, other]): Loads => ({ ...one, ...other }))

describe('the shares of several loads', () => {
  it('together start the users and iterations of each load once, with the same times, keys and draws', async () => {
    await fc.assert(
      fc.asyncProperty(twoLoads, fc.integer({ min: 2, max: 4 }), async (loads, workers) => {
        const whole = await begunInLoads(loads, wholeRun)
        const parts = await Promise.all(
          Array.from({ length: workers }, (_, index) => begunInLoads(loads, { index, of: workers })),
        )
        for (const name of Object.keys(loads)) {
          const all = (of: (begun: Begun) => string[]) => parts.flatMap(part => of(part[name]!)).toSorted()
          expect(all(({ users }) => users)).toEqual(whole[name]!.users.toSorted())
          expect(all(({ iterations }) => iterations)).toEqual(whole[name]!.iterations.toSorted())
          expect(all(({ ordinals }) => ordinals.map(String))).toEqual(whole[name]!.ordinals.map(String).toSorted())
          expect(parts.reduce((sum, part) => sum + part[name]!.offered, 0)).toBe(whole[name]!.offered)
        }
        const ids = parts.flatMap(part => Object.values(part).flatMap(({ ordinals }) => ordinals))
        expect(new Set(ids).size).toBe(ids.length)
        const keys = parts.flatMap(part => Object.values(part).flatMap(({ iterations }) => iterations)).map(keyOf)
        expect(new Set(keys).size).toBe(keys.length)
      }),
      { seed: 20_261_129, numRuns: 25 },
    )
  })

  it('change nothing in a load when another is added after it, and only its ids when it is added before', async () => {
    await fc.assert(
      fc.asyncProperty(named('browse'), named('sale'), async (browse, sale) => {
        const alone = (await begunInLoads(browse, wholeRun))['browse']!
        const [first, second] = [
          (await begunInLoads({ ...browse, ...sale }, wholeRun))['browse']!,
          (await begunInLoads({ ...sale, ...browse }, wholeRun))['browse']!,
        ]
        expect(first).toEqual(alone)
        expect({ ...second, ordinals: [] }).toEqual({ ...alone, ordinals: [] })
      }),
      { seed: 20_261_129, numRuns: 15 },
    )
  })

  it('draw differently, although their users have the same names', async () => {
    const load = {
      executor: 'per-vu-iterations',
      vus: 3,
      iterations: 2,
      maxDurationMs: 9000,
      gracefulStopMs: 0,
    } as const
    const loads = { browse: { load, startMs: 0 }, sale: { load, startMs: 0 } }
    const { browse, sale } = await begunInLoads(loads, wholeRun)
    const draws = [browse!, sale!].flatMap(({ iterations }) => iterations.map(told => told.split(' ')[3]))
    expect(new Set(draws).size).toBe(12)
  })
})

const keyOf = (told: string) => told.split(' ')[2]

describe('the shares of a shared-iterations load', () => {
  it('together run the iterations of the whole run with its users, even if some workers have no user', async () => {
    await fc.assert(
      fc.asyncProperty(vus, fc.nat(20), fc.integer({ min: 1, max: 6 }), async (vus, iterations, workers) => {
        const load = {
          executor: 'shared-iterations',
          vus,
          iterations,
          maxDurationMs: 60_000,
          gracefulStopMs: 0,
        } as const
        const parts = await begunByAll(load, workers)
        expect(parts.iterations).toHaveLength(iterations)
        expect(parts.ordinals.toSorted((a, b) => a - b)).toEqual(
          (await begunBy(load, wholeRun)).ordinals.toSorted((a, b) => a - b),
        )
        const keys = parts.iterations.map(told => told.split(' ')[2])
        expect(new Set(keys).size).toBe(iterations)
      }),
      { seed: 20_261_129, numRuns: 15 },
    )
  })
})

describe('the shares of an open load', () => {
  const load = { ...open, executor: 'constant-arrival-rate', ratePerSecond: 20, durationMs: 2000 } as const

  it('create no user twice when users are created on demand, and offer every arrival once', async () => {
    for (const workers of [1, 2, 3]) {
      const parts = await begunByAll({ ...load, preAllocatedVUs: 1, arrivals: 'constant' }, workers)
      expect(new Set(parts.ordinals).size).toBe(parts.ordinals.length)
      expect(parts.offered).toBe(40)
      expect(parts.iterations).toHaveLength(40)
      expect(parts.dropped).toBe(0)
    }
  })

  it('together have as many users as the whole run may have, and drop arrivals beyond them', async () => {
    for (const workers of [1, 2, 3]) {
      const limited = { ...load, preAllocatedVUs: 2, maxVUs: 7, arrivals: 'constant' } as const
      const parts = await begunByAll({ ...limited, gracefulStopMs: 60_000 }, workers, 30_000)
      expect(parts.ordinals).toHaveLength(7)
      expect(parts.iterations).toHaveLength(7)
      expect(parts.dropped).toBe(33)
    }
  })
})

describe('sizeOf', () => {
  it('splits every count without a remainder', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 9 }), (count, of) => {
        const sizes = Array.from({ length: of }, (_, index) => sizeOf({ index, of }, count))
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
      { seed: 20_261_129 },
    )
  })
})
