import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/random.ts'
import { openModel } from '../../harness/load/arrivals.ts'
import { LoadCourse, type LoadChange } from '../../harness/load/load-course.ts'
import { execute } from '../../harness/load/execute.ts'
import type { LoadPlan, RampStage } from '../../harness/load/plan.ts'
import { steeredSteps } from '../../harness/load/user-steps.ts'
import { type Share, wholeRun } from '../../harness/metrics/interval.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fakeFloor } from '../support/fake-floor.ts'

const seeded = { seed: 20_261_129 }

const stages = fc.array(
  fc.record({ durationMs: fc.integer({ min: 0, max: 2500 }), target: fc.integer({ min: 0, max: 12 }) }),
  { minLength: 1, maxLength: 4 },
)
const action = fc.oneof(
  fc.constant({ kind: 'pause' as const }),
  fc.constant({ kind: 'resume' as const }),
  fc.constantFrom(0, 0.5, 1, 1.7, 3).map(factor => ({ kind: 'scale' as const, factor })),
)
/** Changes in the order of time, of which the last ends every pause. */
const changes = fc
  .array(fc.record({ atMs: fc.integer({ min: 0, max: 5000 }), action }), { maxLength: 6 })
  .map((list): LoadChange[] => [
    ...list.map(({ atMs, action }) => ({ atMs, ...action })).sort((a, b) => a.atMs - b.atMs),
    { atMs: 5500, kind: 'resume' },
  ])

/** The state and the place in the schedule at a time, by a walk over the changes. */
function stateAt(changes: readonly LoadChange[], atMs: number) {
  const state = { positionMs: 0, factor: 1, isPaused: false }
  let sinceMs = 0
  const go = (toMs: number) => {
    if (!state.isPaused) state.positionMs += toMs - sinceMs
    sinceMs = toMs
  }
  for (const change of changes.filter(change => change.atMs <= atMs)) {
    go(change.atMs)
    if (change.kind === 'scale') state.factor = change.factor
    else state.isPaused = change.kind === 'pause'
  }
  go(atMs)
  return state
}

/** The planned value at a place: of the line that leads there, or of the stage that begins there. */
function lineAt(start: number, stages: readonly RampStage[], positionMs: number): number {
  let [from, startMs] = [start, 0]
  for (const { durationMs, target } of stages) {
    if (positionMs < startMs + durationMs) return from + ((target - from) * (positionMs - startMs)) / durationMs
    startMs += durationMs
    from = target
  }
  return from
}

const lengthOf = (stages: readonly RampStage[]) => stages.reduce((sum, { durationMs }) => sum + durationMs, 0)

/** The number of arrivals until a time, by slices of a millisecond of real time. */
function areaUntil(start: number, stages: readonly RampStage[], changes: readonly LoadChange[], atMs: number): number {
  let area = 0
  for (let fromMs = 0; fromMs < atMs; fromMs++) {
    const widthMs = Math.min(1, atMs - fromMs)
    const { positionMs, factor, isPaused } = stateAt(changes, fromMs)
    if (isPaused || positionMs >= lengthOf(stages)) continue
    area += (factor * lineAt(start, stages, positionMs + widthMs / 2) * widthMs) / 1000
  }
  return area
}

describe('the course of a steered load', () => {
  it('has each change from its moment on, however the times are rounded', () => {
    const given = fc.array(fc.record({ waitUs: fc.integer({ min: 1, max: 5_000_000 }), action }), { maxLength: 12 })
    fc.assert(
      fc.property(given, list => {
        let atUs = 0
        const changes = list.map(({ waitUs, action }): LoadChange => ({ atMs: (atUs += waitUs) / 1000, ...action }))
        for (const [index, { atMs }] of changes.entries()) {
          const { factor, isPaused } = stateAt(changes.slice(0, index + 1), atMs)
          expect(new LoadCourse(changes.slice(0, index + 1)).legAt(atMs)).toMatchObject({ factor, isPaused })
        }
      }),
      { ...seeded, numRuns: 500 },
    )
  })
})

describe('the arrivals of a steered load', () => {
  it('come when the area under the rate as it was changed reaches their ordinal, and none during a pause', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), stages, changes, (start, stages, changes) => {
        const course = new LoadCourse(changes)
        const model = openModel(start, stages, 'constant')
        const arrivals = model.arrivals(random(1))
        const times: number[] = []
        arrivals.next()
        for (let dueMs = arrivals.follow(course); dueMs !== undefined; dueMs = arrivals.next()) times.push(dueMs)
        expect(times).toHaveLength(model.expected(course))
        const whole = areaUntil(start, stages, changes, course.timeAt(lengthOf(stages)))
        expect(Math.abs(times.length - whole)).toBeLessThanOrEqual(1.01)
        for (const [ordinal, atMs] of times.entries()) {
          expect(Math.abs(areaUntil(start, stages, changes, atMs) - ordinal)).toBeLessThan(0.05)
          // A rounding error may put an arrival a hair before the end of a pause.
          expect(stateAt(changes, atMs + 1e-6)).toMatchObject({ isPaused: false })
        }
      }),
      { ...seeded, numRuns: 60 },
    )
  })
})

describe('the users of a steered load', () => {
  it('are as many as the line has at its place, times the factor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        stages,
        changes,
        fc.integer({ min: 0, max: 7000 }),
        (startVUs, stages, changes, atMs) => {
          const steps = [...steeredSteps({ startVUs, stages }, new LoadCourse(changes))]
          const step = steps.filter(step => step.atMs <= atMs + 1e-6).at(-1)
          const { positionMs, factor, isPaused } = stateAt(changes, atMs)
          expect(step?.isPaused).toBe(isPaused)
          // Within a step of the line: it starts users when it has reached the next whole number, and is rounded where it is flat.
          expect(Math.abs((step?.users ?? Number.NaN) - factor * lineAt(startVUs, stages, positionMs))).toBeLessThan(
            1.01,
          )
        },
      ),
      { ...seeded, numRuns: 300 },
    )
  })
})

interface Begun {
  iterations: string[]
  offered: number
  dropped: number
  endedAt: number
}

/** Runs a share of a load, of which each change becomes known `leadMs` before it applies. Its users need `beginMs` to begin. */
async function begunBy(
  load: LoadPlan,
  share: Share,
  changes: readonly LoadChange[],
  leadMs: number,
  beginMs = 0,
): Promise<Begun> {
  const clock = new FakeClock()
  const iterations: string[] = []
  const behaviour = {
    ...(beginMs > 0 && { begin: () => clock.sleep(beginMs) }),
    iterate({ vu, random }: { vu: { id: number }; random: { next(): number } }) {
      const key = sessions.find(({ ordinal }) => ordinal === vu.id)?.exchanges.next()
      iterations.push(`${clock.now().toFixed(3)} ms ${key} ${random.next()}`)
      // No other timer ends at the same moment.
      return clock.sleep(307.13)
    },
  }
  const floor = fakeFloor(
    [3, 2].map(share => ({ share, behaviour })),
    share,
    { clock },
  )
  const { execution, sessions, snapshot, tally } = floor
  for (const change of changes)
    void clock.sleep(Math.max(0, change.atMs - leadMs)).then(() => execution.steering.change(change))
  await clock.finish(execute(load, execution))
  return {
    iterations,
    offered: tally.offered,
    dropped: snapshot.total('dropped_iterations'),
    endedAt: clock.now(),
  }
}

const graceful = { gracefulStopMs: 5000 }
const limits = { preAllocatedVUs: 60, maxVUs: 60, timeUnitMs: 1000, ...graceful }
const spacing = fc.constantFrom('constant' as const, 'poisson' as const)
const loads: Record<string, fc.Arbitrary<LoadPlan>> = {
  'constant-vus': fc.record({ vus: fc.integer({ min: 1, max: 9 }) }).map(load => ({
    executor: 'constant-vus',
    durationMs: 3000,
    ...graceful,
    ...load,
  })),
  'ramping-vus': fc
    .record({ startVUs: fc.integer({ min: 0, max: 5 }), stages })
    .map(load => ({ executor: 'ramping-vus', gracefulRampDownMs: 400, ...graceful, ...load })),
  'constant-arrival-rate': fc
    .record({ ratePerSecond: fc.integer({ min: 1, max: 15 }), arrivals: spacing })
    .map(load => ({ executor: 'constant-arrival-rate', durationMs: 3000, ...limits, ...load })),
  'ramping-arrival-rate': fc
    .record({ startRatePerSecond: fc.integer({ min: 0, max: 8 }), stages, arrivals: spacing })
    .map(load => ({ executor: 'ramping-arrival-rate', ...limits, ...load })),
}

describe.each(Object.entries(loads))('the shares of a steered %s load', (_name, load) => {
  it('together begin the same iterations at the same times as the whole run, however early the changes are known', async () => {
    await fc.assert(
      fc.asyncProperty(
        load,
        changes,
        fc.integer({ min: 2, max: 4 }),
        fc.constantFrom(1, 200),
        async (load, changes, workers, leadMs) => {
          const whole = await begunBy(load, wholeRun, changes, 50)
          const parts = await Promise.all(
            Array.from({ length: workers }, (_, index) => begunBy(load, { index, of: workers }, changes, leadMs)),
          )
          expect(parts.flatMap(({ iterations }) => iterations).toSorted()).toEqual(whole.iterations.toSorted())
          expect(parts.reduce((sum, { offered }) => sum + offered, 0)).toBe(whole.offered)
          expect(parts.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(0)
        },
      ),
      { ...seeded, numRuns: 20 },
    )
  })
})

/** The key and the first draw of each iteration. */
const keysOf = ({ iterations }: Begun) => iterations.map(told => told.split(' ').slice(2).join(' ')).toSorted()

describe('workers whose users are ready at different times', () => {
  it('still have the arrivals of the whole run, and begin none during a pause', async () => {
    await fc.assert(
      fc.asyncProperty(
        loads['ramping-arrival-rate']!,
        changes,
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 3 }),
        async (load, changes, begins) => {
          const whole = await begunBy(load, wholeRun, changes, 50)
          const parts = await Promise.all(
            begins.map((beginMs, index) => begunBy(load, { index, of: begins.length }, changes, 50, beginMs)),
          )
          expect(parts.flatMap(keysOf).toSorted()).toEqual(keysOf(whole))
          for (const told of parts.flatMap(({ iterations }) => iterations))
            expect(stateAt(changes, Number.parseFloat(told) + 0.01)).toMatchObject({ isPaused: false })
        },
      ),
      { ...seeded, numRuns: 20 },
    )
  })
})

describe('a change that becomes known late', () => {
  it('leaves no arrival out and begins none twice', async () => {
    await fc.assert(
      fc.asyncProperty(loads['ramping-arrival-rate']!, changes, async (load, changes) => {
        const [early, late] = [await begunBy(load, wholeRun, changes, 50), await begunBy(load, wholeRun, changes, -40)]
        expect(new Set(keysOf(late)).size).toBe(late.iterations.length)
        // Those that had begun before the change was known remain begun.
        expect(keysOf(late).filter(key => !keysOf(early).includes(key)).length).toBeLessThanOrEqual(changes.length * 2)
        expect(keysOf(early).filter(key => !keysOf(late).includes(key))).toEqual([])
      }),
      { ...seeded, numRuns: 20 },
    )
  })
})
