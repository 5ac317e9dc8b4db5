import { type Load, scenario, user } from '../../../harness/scenario.ts'
import { Histogram } from '../../../core/histogram.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../../check-row.ts'
import { type HarnessBench, inTurnOrTogether, type Lateness, measured, type MeasuredRun, tooBusy } from '../bench.ts'
import { arrivalsInLedger, REQUESTED } from './arrivals-in-ledger.ts'

/** An iteration of a closed model. */
interface UserTurn {
  user: number
  at: number
}

/** The actions of users in a run, in order of time. */
interface UserTurns {
  run: MeasuredRun
  turns: UserTurn[]
  byUser: ReadonlyMap<number, UserTurn[]>
  /** When each user began, by its ordinal. */
  beganAt: ReadonlyMap<number, number>
  busy: string | undefined
}

const PACING_MS = 100
/** Node's timers have whole milliseconds, so that a pause may end a fraction of one too early. */
const TIMER_MS = 1
const USERS = 10
const sizes = {
  quick: { rounds: 8, iterations: 20, rampMs: 900 },
  full: { rounds: 100, iterations: 500, rampMs: 10_000 },
}

/** Checks when the users of closed models begin, and how many iterations they run. */
export async function checkClosedArrivals(bench: HarnessBench): Promise<CheckRow[]> {
  const { rounds, iterations, rampMs } = sizes[bench.size]
  const checks = [
    (bench: HarnessBench) => checkConstant(bench, rounds),
    (bench: HarnessBench) => checkRamp(bench, rampMs),
    (bench: HarnessBench) =>
      checkBudget(bench, { executor: 'per-vu-iterations', vus: USERS, iterations }, USERS * iterations),
    (bench: HarnessBench) => checkBudget(bench, { executor: 'shared-iterations', vus: USERS, iterations }, iterations),
  ]
  return (await inTurnOrTogether(bench, checks)).flat()
}

async function turnsUnder(bench: HarnessBench, load: Load, pacing: number): Promise<UserTurns> {
  const turns: UserTurn[] = []
  const beganAt = new Map<number, number>()
  const definition = scenario({
    load,
    users: [
      user('client', {
        pacing,
        begin: ({ vu }) => void beganAt.set(vu.id, bench.clock.now()),
        async iterate({ http, vu }) {
          turns.push({ user: vu.id, at: bench.clock.now() })
          await http.get(REQUESTED)
        },
      }),
    ],
  })
  const run = await measured(bench, load.executor, definition)
  return { run, turns, beganAt, byUser: Map.groupBy(turns, turn => turn.user), busy: tooBusy(bench, run.timers, 90, 0) }
}

/** Each user begins an iteration at every full pacing, the last one well before the end. */
export async function checkConstant(bench: HarnessBench, rounds: number): Promise<CheckRow[]> {
  const name = 'constant-vus'
  const duration = PACING_MS * (rounds - 0.5)
  const load = { executor: name, vus: USERS, duration } as const
  const { run, turns, byUser, busy } = await turnsUnder(bench, load, PACING_MS)
  const earlyMs = [...byUser.values()].flatMap(each =>
    // The first pacing counts from before the user's `begin`.
    each.slice(2).map(({ at }, index) => PACING_MS - (at - each[index + 1]!.at)),
  )
  // Each pause ends a little late, which adds up over the rounds.
  const planned = USERS * rounds
  const driftRounds = Math.ceil((rounds * (bench.clock.timerErrorMs + TIMER_MS)) / PACING_MS)
  const interval = { level: 1, low: turns.length, high: turns.length + USERS * driftRounds }
  return [
    exactRow(`${name}: users`, USERS, byUser.size),
    judged(
      checkRow(`${name}: iterations, by the pacing`, 'count', { theory: planned, observed: turns.length, interval }),
      busy,
    ),
    exactRow(`${name}: iterations begun, and arrived at the target`, turns.length, arrivalsInLedger(run)),
    earlyRow(`${name}: begun before the pacing was over`, earlyMs, run.timers),
  ]
}

/** From the first user on, one more begins at even times; in the second half, the youngest end. */
async function checkRamp(bench: HarnessBench, rampMs: number): Promise<CheckRow[]> {
  const name = 'ramping-vus'
  const load: Load = {
    executor: name,
    startVUs: 1,
    stages: [
      { duration: rampMs, target: USERS },
      { duration: rampMs / 2, target: 1 },
    ],
  }
  const { run, turns, beganAt, byUser, busy } = await turnsUnder(bench, load, PACING_MS / 5)
  const startedAt = beganAt.get(0) ?? 0
  const first = (user: number) => (beganAt.get(user) ?? Number.NaN) - startedAt
  const last = (user: number) => (byUser.get(user)?.at(-1)?.at ?? Number.NaN) - startedAt
  const stepMs = rampMs / (USERS - 1)
  const others = Array.from({ length: USERS - 1 }, (_, index) => index + 1)
  const earlyMs = others.map(user => user * stepMs - first(user))
  const lateness = new Histogram()
  for (const user of others) lateness.record(Math.max(0, first(user) - user * stepMs))
  const endsAt = (user: number) => rampMs + ((USERS - user) * stepMs) / 2
  const lateMs = lateness.percentile(50)
  const reach = bench.clock.timerErrorMs + TIMER_MS
  const interval = { level: 1, low: lateMs - reach, high: lateMs + reach }
  const afterEnd = others.filter(user => last(user) > endsAt(user) + reach).length
  return [
    judged(exactRow(`${name}: users`, USERS, byUser.size), busy),
    earlyRow(`${name}: users before the line reached them`, earlyMs, run.timers),
    judged(
      checkRow(`${name}: lateness of users in the median, at most ${reach} ms`, 'ms', {
        theory: 0,
        observed: lateMs,
        interval,
      }),
      busy,
    ),
    judged(exactRow(`${name}: users who began something after the line had left them`, 0, afterEnd), busy),
    exactRow(`${name}: iterations begun, and arrived at the target`, turns.length, arrivalsInLedger(run)),
  ]
}

/** Something seems early by as much as what it is compared with came late. */
function earlyRow(what: string, earlyMs: readonly number[], { of, histogram }: Lateness): CheckRow {
  const early = earlyMs.filter(ms => ms > TIMER_MS)
  const row = exactRow(what, 0, early.length)
  const mostMs = Math.max(0, ...early)
  if (histogram.maxMs < mostMs) return row
  const late = `${of} were late by up to ${histogram.maxMs.toFixed(1)} ms`
  return judged(row, `early by up to ${mostMs.toFixed(1)} ms, but ${late}`)
}

/** Runs a fixed number of iterations. */
async function checkBudget(
  bench: HarnessBench,
  load: Extract<Load, { iterations: number }>,
  planned: number,
): Promise<CheckRow[]> {
  const { executor, iterations } = load
  const { run, turns, byUser } = await turnsUnder(bench, load, 0)
  const rows = [
    exactRow(`${executor}: iterations planned, and begun`, planned, turns.length),
    exactRow(`${executor}: iterations planned, and arrived at the target`, planned, arrivalsInLedger(run)),
  ]
  if (executor !== 'per-vu-iterations') return rows
  const others = [...byUser.values()].filter(each => each.length !== iterations).length
  return [...rows, exactRow(`${executor}: users with another number of iterations`, 0, others)]
}
