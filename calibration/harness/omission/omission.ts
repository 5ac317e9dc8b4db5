import type { FaultRule } from '../../../contract/faults/rule.ts'
import { type Context, scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../../check-row.ts'
import { trendOf } from '../../series.ts'
import { withRules } from '../../trial.ts'
import { type HarnessBench, measured, tooBusy } from '../bench.ts'
import type { Subject } from '../subject.ts'

/** A stall of the target in a run, and the clients that meet it. */
interface Stall {
  runMs: number
  stallMs: number
  perSecond: number
  /** Connections of the open model, and users of the closed one. */
  connections: number
}

const sizes: Record<HarnessBench['size'], Stall> = {
  quick: { runMs: 1400, stallMs: 500, perSecond: 200, connections: 10 },
  full: { runMs: 20_000, stallMs: 2000, perSecond: 100, connections: 10 },
}
/** When the stall begins, as a share of the run. */
const BEGINS_AFTER = 0.4
/** Shares of the stall at which the waits are compared with the formula. */
const limits = [0.25, 0.5, 0.75]
/** Requests that the formula may be off by, because the stall begins between two. */
const EDGE = 2
const PATH = '/api/v1/products/1'
const HEADER = 'x-stall'

export const omission: Subject = {
  name: 'omission',
  title: 'Coordinated omission',
  question: 'Does response time contain the wait of requests that could not be sent, and service time not?',
  method:
    'The target stands still once. A request that is due s seconds into a stall of S seconds waits S − s, so that the share which waits longer than t is (S − t) ÷ the length of the run.',
  async check(bench) {
    return { rows: [...(await checkOpen(bench)), ...(await checkClosed(bench))] }
  },
}

/** Requests are due at even times, whatever the target does. They wait for one of a few connections. */
export async function checkOpen(bench: HarnessBench): Promise<CheckRow[]> {
  const { runMs, stallMs, perSecond, connections } = sizes[bench.size]
  const { result, busy, verySlow } = await stalled(bench, 'omission, open model', sizes[bench.size], get => ({
    connections,
    load: {
      executor: 'constant-arrival-rate',
      rate: perSecond,
      duration: runMs,
      preAllocatedVUs: perSecond,
      maxVUs: 10 * perSecond,
    },
    users: [user('client', { iterate: get })],
  }))
  const [response, service] = [trendOf(result, 'http_req_duration'), trendOf(result, 'http_req_service_time')]
  const total = (runMs / 1000) * perSecond
  // Requests that met the stall are the slowest, also to be served: the target answers them all at once. This is their median.
  const backlogServiceMs = service.percentile(100 * (1 - stallMs / runMs / 2))
  const rows = limits.flatMap(limit => {
    const overMs = limit * stallMs
    const theory = ((stallMs - overMs) / 1000) * perSecond
    const observed = response.countAbove(overMs)
    // Those that have waited are answered one after another, and each connection takes its share of those before it.
    const backlogMs = (2 * theory * backlogServiceMs) / connections
    const reach = { below: EDGE + (backlogMs * perSecond) / 1000, above: EDGE }
    // A quantile that only requests of the stall reach.
    const percentile = 100 * (1 - theory / total)
    const quantileMs = response.percentile(percentile)
    const edgeMs = (EDGE * 1000) / perSecond
    return [
      unlessLonger(
        checkRow(`open model: responses that took longer than ${overMs} ms`, 'count', {
          theory,
          observed,
          interval: { level: 1, low: observed - reach.below, high: observed + reach.above },
        }),
        busy,
      ),
      unlessLonger(
        checkRow(`open model: p${percentile.toFixed(1)} of response time`, 'ms', {
          theory: overMs,
          observed: quantileMs,
          interval: { level: 1, low: quantileMs - edgeMs - backlogMs, high: quantileMs + edgeMs },
        }),
        busy,
      ),
    ]
  })
  const slow = service.countAbove(stallMs / 2)
  return [
    judged(exactRow('open model: requests', total, response.count), verySlow),
    ...rows,
    judged(
      exactRow('open model: service times longer than half the stall, one for each connection', connections, slow),
      verySlow,
    ),
  ]
}

/** Users wait for their responses, so that each meets the stall with one request. */
export async function checkClosed(bench: HarnessBench): Promise<CheckRow[]> {
  const { runMs, stallMs, perSecond, connections } = sizes[bench.size]
  const pacingMs = (1000 * connections) / perSecond
  const { result, busy, verySlow } = await stalled(bench, 'omission, closed model', sizes[bench.size], get => ({
    load: { executor: 'constant-vus', vus: connections, duration: runMs },
    users: [user('client', { pacing: pacingMs, iterate: get })],
  }))
  const clocks = { response: 'http_req_duration', service: 'http_req_service_time' } as const
  const missing = (stallMs / 1000) * perSecond
  const { count } = trendOf(result, 'http_req_duration')
  // Each user loses or gains one at either end, and pauses end a little late.
  const lateMs = (runMs / pacingMs) * bench.clock.timerErrorMs
  const reach = { below: 2 * connections, above: 2 * connections + (lateMs / pacingMs) * connections }
  const planned = (runMs / 1000) * perSecond
  return [
    ...Object.entries(clocks).map(([clock, trend]) => {
      const slow = trendOf(result, trend).countAbove(stallMs / 2)
      const what = `closed model: ${clock} times longer than half the stall, one for each user`
      // A busy machine may hold up all users once more, without one timer that is as late.
      return unlessLonger(judged(exactRow(what, connections, slow), verySlow), busy)
    }),
    judged(
      checkRow('closed model: requests, without those that nobody sent during the stall', 'count', {
        theory: planned - missing,
        observed: count,
        interval: { level: 1, low: count - reach.below, high: count + reach.above },
      }),
      busy,
    ),
  ]
}

/** A busy machine can only make times longer. */
function unlessLonger(row: CheckRow, busy: string | undefined): CheckRow {
  return row.observed > row.theory ? judged(row, busy) : row
}

/** Runs a scenario in which one request makes the target stall. */
async function stalled(
  bench: HarnessBench,
  name: string,
  { runMs, stallMs }: Stall,
  definitionOf: (get: (context: Context<unknown>) => Promise<unknown>) => Parameters<typeof scenario>[0],
) {
  const { clock } = bench
  const rule: FaultRule = {
    id: 'omission',
    match: { header: { [HEADER]: 'now' } },
    fault: { type: 'stall', duration: stallMs },
  }
  let startedAt: number | undefined
  let isStalled = false
  const get = ({ http }: Context<unknown>) => {
    startedAt ??= clock.now()
    const isFirst = !isStalled && clock.now() - startedAt >= BEGINS_AFTER * runMs
    isStalled ||= isFirst
    return http.get(PATH, isFirst ? { headers: { [HEADER]: 'now' } } : {})
  }
  const { result, timers } = await withRules(bench, [rule], () => measured(bench, name, scenario(definitionOf(get))))
  return {
    result,
    /** Evidence that requests took longer than they should have. */
    busy: tooBusy(bench, timers, 99, 0.02 * stallMs),
    /** Evidence that some took as long as the stall without it. */
    verySlow: tooBusy(bench, timers, 100, stallMs / 4),
  }
}
