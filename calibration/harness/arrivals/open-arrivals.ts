import { exponential } from '../../../core/distributions/closed-form.ts'
import { Histogram } from '../../../core/histogram.ts'
import { type Load, scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged, normalEstimate } from '../../check-row.ts'
import { distanceRow } from '../../distance-row.ts'
import { sumBy } from '../../rows.ts'
import { trendOf } from '../../series.ts'
import { type HarnessBench, inTurnOrTogether, measured, type MeasuredRun, tooBusy } from '../bench.ts'
import { arrivalsInLedger, REQUESTED } from './arrivals-in-ledger.ts'
import { expectedArrivals, type PlannedRate, plannedArrivals } from './planned-arrivals.ts'

/** An open model, and the plan of its arrivals. */
export interface OpenCase {
  name: string
  rate: PlannedRate
  poisson?: true
}

/** An iteration that began. Times are the clock's monotonic ms. */
interface Begun {
  at: number
  /** When the harness says that it was due. */
  dueAt: number
}

const sizes = { quick: 1.4, full: 30 }
/** Rates at which lateness is measured, per second. */
const rates = { quick: [100, 500, 1000], full: [100, 500, 1000, 2000, 4000] }
/** An offset is the planned one if it differs by less than rounding. */
const ROUNDING_MS = 1e-3
const MOST_LATE_MS = 1
/** A pause of the machine after which some arrivals may be dropped. */
const MOST_CAUGHT_UP_MS = 250
/** How far the reported lateness may be from the observed one. */
const MOST_MISREPORTED_MS = 0.1

/** Checks that every planned arrival begins once, when it is due, and how late. */
export async function checkOpenArrivals(bench: HarnessBench): Promise<CheckRow[]> {
  const cases = openCases(bench).map(each => (bench: HarnessBench) => checkOpenCase(bench, each))
  return (await inTurnOrTogether(bench, [...cases, checkDropped])).flat()
}

function openCases({ size }: HarnessBench): OpenCase[] {
  const seconds = sizes[size]
  const ramp: PlannedRate = {
    startPerSecond: 0,
    stages: [
      { duration: 600 * seconds, target: 400 },
      { duration: 400 * seconds, target: 50 },
    ],
  }
  return [
    ...rates[size].map(perSecond => evenCase(perSecond, seconds / 2)),
    { name: 'ramping-arrival-rate', rate: ramp },
    poissonCase(500, seconds),
    { name: 'ramping-arrival-rate, Poisson', rate: ramp, poisson: true },
  ]
}

/** Returns arrivals at a constant rate. */
export function evenCase(perSecond: number, seconds: number): OpenCase {
  const rate = { startPerSecond: perSecond, stages: [{ duration: 1000 * seconds, target: perSecond }] }
  return { name: `constant-arrival-rate, ${perSecond}/s`, rate }
}

export function poissonCase(perSecond: number, seconds: number): OpenCase {
  return { ...evenCase(perSecond, seconds), name: 'constant-arrival-rate, Poisson', poisson: true }
}

/** Checks one open model. */
export async function checkOpenCase(bench: HarnessBench, { name, rate, poisson }: OpenCase): Promise<CheckRow[]> {
  const planned = plannedArrivals(rate, poisson && bench.seed)
  const begun: Begun[] = []
  const { clock, level } = bench
  const definition = scenario({
    load: loadOf(rate, poisson),
    users: [
      user('client', {
        async iterate({ http }) {
          const at = clock.now()
          const { dueAt } = await http.get(REQUESTED)
          begun.push({ at, dueAt })
        },
      }),
    ],
  })
  const run = await measured(bench, name, definition)
  const { lost, unplanned } = matched(planned, begun)
  // After a schedule that is late by more than a second, the harness drops the rest, and says so.
  const dropped = droppedIn(run)
  const tooLate = tooBusy(bench, run.timers, 100, MOST_CAUGHT_UP_MS)
  const rows = [
    ...[
      exactRow(
        `${name}: planned, and arrived at the target or dropped`,
        planned.length,
        arrivalsInLedger(run) + dropped,
      ),
      exactRow(`${name}: planned arrivals that neither began nor were dropped`, 0, lost - dropped),
      // The harness knows only the average number of Poisson arrivals that it has not drawn.
    ].map(row => (poisson && dropped > 0 ? judged(row, tooLate) : row)),
    judged(exactRow(`${name}: dropped, although users were free`, 0, dropped), tooLate),
    exactRow(`${name}: begun twice, or when nothing was planned`, 0, unplanned),
    exactRow(`${name}: begun before they were due`, 0, begun.filter(({ at, dueAt }) => at < dueAt).length),
    ...latenessRows(bench, name, begun, run),
  ]
  if (!poisson) return rows
  const busy = tooBusy(bench, run.timers, 95, 0)
  return [...rows, ...poissonRows(name, rate, begun, level).map(row => judged(row, busy))]
}

function loadOf({ startPerSecond, stages }: PlannedRate, poisson: true | undefined): Load {
  const users = { preAllocatedVUs: 100, maxVUs: 4000, arrivals: poisson ? 'poisson' : 'constant' } as const
  const [only, ...others] = stages
  return only !== undefined && others.length === 0
    ? { executor: 'constant-arrival-rate', rate: startPerSecond, duration: only.duration, ...users }
    : { executor: 'ramping-arrival-rate', startRate: startPerSecond, stages: [...stages], ...users }
}

function droppedIn({ result }: MeasuredRun): number {
  return sumBy(result.series, 'dropped_iterations', () => 'all').get('all') ?? 0
}

/** Compares the offsets of what began with the plan. Both start at their first one. */
function matched(planned: readonly number[], begun: readonly Begun[]): { lost: number; unplanned: number } {
  const dueAt = begun.map(each => each.dueAt).sort((a, b) => a - b)
  const shift = (dueAt[0] ?? 0) - (planned[0] ?? 0)
  let [hits, next] = [0, 0]
  for (const offset of planned) {
    while (next < dueAt.length && dueAt[next]! - shift < offset - ROUNDING_MS) next += 1
    if (next < dueAt.length && dueAt[next]! - shift <= offset + ROUNDING_MS) {
      hits += 1
      next += 1
    }
  }
  return { lost: planned.length - hits, unplanned: begun.length - hits }
}

function latenessRows(
  bench: HarnessBench,
  name: string,
  begun: readonly Begun[],
  { result, timers }: MeasuredRun,
): CheckRow[] {
  const late = new Histogram()
  for (const { at, dueAt } of begun) late.record(at - dueAt)
  const [seenMs, reportedMs] = [late.percentile(50), trendOf(result, 'send_delay').percentile(50)]
  // A median says how late most arrivals were, so a few timers that were late do not excuse it.
  const busy = tooBusy(bench, timers, 75, MOST_LATE_MS)
  const around = (value: number, reach: number) => ({ level: 1, low: value - reach, high: value + reach })
  return [
    checkRow(`${name}: lateness in the median, at most ${MOST_LATE_MS} ms`, 'ms', {
      theory: 0,
      observed: seenMs,
      interval: around(seenMs, MOST_LATE_MS),
    }),
    checkRow(`${name}: lateness in the median, as the harness reports it`, 'ms', {
      theory: seenMs,
      observed: reportedMs,
      interval: around(reportedMs, MOST_MISREPORTED_MS),
    }),
  ].map(row => judged(row, busy))
}

/** Tests for a Poisson process: the number, the variation and the distribution of the gaps, in units of the expected number. */
function poissonRows(name: string, rate: PlannedRate, begun: readonly Begun[], level: number): CheckRow[] {
  const expected = expectedArrivals(rate)
  const deviation = Math.sqrt(begun.length)
  const number = checkRow(`${name}: number of arrivals`, 'count', {
    theory: expected,
    ...normalEstimate(begun.length, deviation, level),
  })
  const [only, ...others] = rate.stages
  // Under a changing rate, gaps have no distribution of their own.
  if (only === undefined || others.length > 0) return [number]
  const at = begun.map(each => each.at).sort((a, b) => a - b)
  const gaps = at.slice(1).map((later, index) => later - at[index]!)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
  // For a Poisson process, the estimate has a variance of 4 ÷ n, by the delta method.
  const variation = normalEstimate(variance / mean ** 2, 2 / Math.sqrt(gaps.length), level)
  return [
    number,
    checkRow(`${name}: variance ÷ mean² of the gaps`, 'ratio', { theory: 1, ...variation }),
    distanceRow(
      `${name}: gaps, largest distance to an exponential distribution`,
      exponential(1000 / rate.startPerSecond),
      gaps.toSorted((a, b) => a - b),
      level,
    ),
  ]
}

/** Checks that arrivals which find no user are counted as dropped, so that none is lost silently. */
export async function checkDropped(bench: HarnessBench): Promise<CheckRow[]> {
  const rate = { startPerSecond: 200, stages: [{ duration: 500 * sizes[bench.size], target: 200 }] }
  let begun = 0
  const definition = scenario({
    load: {
      executor: 'constant-arrival-rate',
      rate: rate.startPerSecond,
      duration: rate.stages[0]!.duration,
      preAllocatedVUs: 2,
      maxVUs: 4,
    },
    users: [
      user('client', {
        async iterate({ http, sleep }) {
          begun += 1
          await http.get(REQUESTED)
          await sleep(50)
        },
      }),
    ],
  })
  const run = await measured(bench, 'too few users', definition)
  const planned = plannedArrivals(rate).length
  return [exactRow('too few users: planned, and begun or dropped', planned, begun + droppedIn(run))]
}
