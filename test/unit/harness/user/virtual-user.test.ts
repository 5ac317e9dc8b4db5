import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../core/distributions/closed-form.ts'
import { matchesSchema } from '../../../../harness/claims/schema-claim.ts'
import { StreamError } from '../../../../harness/client/live/reconnector.ts'
import { execute } from '../../../../harness/load/execute.ts'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import type { Behaviour } from '../../../../harness/scenario.ts'
import type { UserPlan } from '../../../../harness/user/user-kind.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

function iterations(count: number, vus = 1): LoadPlan {
  return { executor: 'per-vu-iterations', vus, iterations: count, maxDurationMs: 600_000, gracefulStopMs: 0 }
}

async function runUsers(user: Partial<UserPlan> & { behaviour: Behaviour<unknown> }, load: LoadPlan) {
  const fake = fakeFloor([user])
  await fake.clock.finish(execute(load, fake.execution))
  return fake
}

describe('a virtual user', () => {
  it('keeps the state that begin returned, and counts its own iterations', async () => {
    const seen: unknown[] = []
    await runUsers(
      {
        behaviour: {
          begin: ({ vu }) => ({ cart: [`of ${vu.id}`] }),
          iterate: ({ state, vu }) => void seen.push([(state as { cart: string[] }).cart[0], vu.iteration]),
        },
      },
      iterations(2, 2),
    )
    expect(seen).toEqual([
      ['of 0', 0],
      ['of 1', 0],
      ['of 0', 1],
      ['of 1', 1],
    ])
  })

  it('draws the same in the same iteration, whatever it drew before', async () => {
    const draw = async (drawsBefore: number) => {
      const drawn: number[] = []
      await runUsers(
        {
          behaviour: {
            iterate({ random, vu }) {
              for (let count = 0; count < (vu.iteration === 0 ? drawsBefore : 0); count++) random.next()
              if (vu.iteration > 0) drawn.push(random.next())
            },
          },
        },
        iterations(4, 3),
      )
      return drawn.toSorted((a, b) => a - b)
    }
    expect(await draw(0)).toEqual(await draw(7))
    expect(new Set(await draw(0)).size).toBe(9)
  })

  it('reports a refused stream only as the error of its request, and counts the iteration', async () => {
    const refused = () => Promise.reject(new StreamError('cannot follow /ws/chat: status 503'))
    const { snapshot } = await runUsers({ behaviour: { iterate: refused } }, iterations(2))
    expect({ totalIterationsFailed: snapshot.total('iterations_failed'), rows: snapshot.errors.rows() }).toEqual({
      totalIterationsFailed: 2,
      rows: [],
    })
  })

  it('draws tasks by weight', async () => {
    const fake = fakeFloor([
      {
        behaviour: {
          tasks: { often: { weight: 3, run: () => fake.clock.sleep(1) }, seldom: { run: () => fake.clock.sleep(1) } },
        },
      },
    ])
    await fake.clock.finish(execute(iterations(100, 10), fake.execution))
    const often = fake.snapshot.total('iterations', { task: 'often' })
    expect(fake.snapshot.total('iterations')).toBe(1000)
    expect(Math.abs(often - 750)).toBeLessThan(60)
  })

  it('thinks after each iteration, and paces their starts', async () => {
    const starts = async (pauses: Pick<UserPlan, 'think' | 'pacing'>) => {
      const startsAt: number[] = []
      const fake = fakeFloor([
        {
          ...pauses,
          behaviour: {
            async iterate() {
              startsAt.push(fake.clock.now())
              await fake.clock.sleep(30)
            },
          },
        },
      ])
      await fake.clock.finish(execute(iterations(3), fake.execution))
      return startsAt
    }
    expect(await starts({ think: fixed(20) })).toEqual([0, 50, 100])
    expect(await starts({ pacing: fixed(100) })).toEqual([0, 100, 200])
    expect(await starts({ pacing: fixed(10) })).toEqual([0, 30, 60])
    expect(await starts({ think: fixed(20), pacing: fixed(45) })).toEqual([0, 50, 100])
  })

  it('counts each claim of a check, and counts one that throws as failed', async () => {
    const results: boolean[] = []
    const { snapshot } = await runUsers(
      {
        behaviour: {
          iterate({ check }) {
            results.push(check({ status: 200 }, { 'is ok': ({ status }) => status === 200 }))
            results.push(check(undefined as unknown as { id: number }, { 'has an id': ({ id }) => id > 0 }))
          },
        },
      },
      iterations(2),
    )
    expect(results).toEqual([true, false, true, false])
    expect(snapshot.merged('checks', { check: 'is ok' })).toEqual({ kind: 'rate', hits: 2, total: 2 })
    expect(snapshot.merged('checks', { check: 'has an id' })).toEqual({ kind: 'rate', hits: 0, total: 2 })
    expect(snapshot.total('iterations')).toBe(2)
    expect(snapshot.errors.rows()).toMatchObject([{ reason: 'exception', name: 'check: has an id', count: 2 }])
  })

  it('keeps the first mismatch of a check by a schema as an example, and none of one that holds', async () => {
    const isNumber = matchesSchema({ type: 'number' })
    const { snapshot } = await runUsers(
      {
        behaviour: {
          iterate: ({ check }) => check('seven', { 'is a number': isNumber }) && check(7, { seven: isNumber }),
        },
      },
      iterations(2),
    )
    expect(snapshot.merged('checks', { check: 'is a number' })).toEqual({ kind: 'rate', hits: 0, total: 2 })
    const example = expect.stringContaining('the top must be number, and is a string') as string
    expect(snapshot.errors.rows()).toMatchObject([{ reason: 'body', name: 'check: is a number', count: 2, example }])
  })

  it('sleeps for the requested time, less when it is asked to stop, and not at all once cut off', async () => {
    const fake = fakeFloor([
      {
        behaviour: {
          async iterate({ sleep }) {
            for (;;) await sleep('1h')
          },
        },
      },
    ])
    const run = execute({ ...iterations(1), gracefulStopMs: 5000 }, fake.execution)
    await fake.clock.advance(1000)
    fake.stop.abort()
    await fake.clock.finish(run)
    expect(fake.clock.now()).toBe(6000)
    expect(fake.snapshot.total('iterations_interrupted')).toBe(1)
    expect(fake.snapshot.errors.rows()).toEqual([])
  })

  it('ends also after a failed iteration, and survives a failing end', async () => {
    let ends = 0
    const { snapshot } = await runUsers(
      {
        behaviour: {
          iterate() {
            throw new Error('first')
          },
          end() {
            ends += 1
            throw new Error('last')
          },
        },
      },
      iterations(1),
    )
    expect(ends).toBe(1)
    // Both are of one moment, so that their order says nothing.
    expect(
      snapshot.errors
        .rows()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['user 0: end', 'user 0: iterate'])
  })

  it('gives an arrival its own draws, whichever user serves it', async () => {
    const draws = async (maxVUs: number) => {
      const drawn: number[] = []
      const fake = fakeFloor([{ behaviour: { iterate: ({ random }) => void drawn.push(random.next()) } }])
      const load: LoadPlan = {
        executor: 'constant-arrival-rate',
        ratePerSecond: 10,
        durationMs: 1000,
        preAllocatedVUs: maxVUs,
        maxVUs,
        arrivals: 'constant',
        timeUnitMs: 1000,
        gracefulStopMs: 0,
      }
      await fake.clock.finish(execute(load, fake.execution))
      return drawn
    }
    expect(await draws(1)).toEqual(await draws(5))
  })
})
