import { type Context, scenario, user, type Scenario } from '../../harness/scenario.ts'
import { trendOf } from '../../calibration/series.ts'
import { experiment, length, PRODUCT, productAccount } from '../experiment.ts'
import { lab, type LabBench } from '../lab.ts'

const CONNECTIONS = 10
const PER_SECOND = 100
const PERCENTILES = { label: 'share of the responses that took no longer', unit: 'share' } as const

/** A stall, as an open and as a closed model report it. */
export const omission = lab({
  name: 'omission',
  title: 'Coordinated omission',
  story: [
    'A server answers at once, except that it stands still for a while in the middle of the run, as during a garbage collection.',
    'Two load tests measure it. Both want to send 100 requests a second over ten connections.',
    'The first sends each request when it is due, or as soon as a connection is free, and counts the wait from the moment when it was due. The second has ten users, each of whom waits for an answer before it sends the next request.',
  ],
  settings: {
    stallMs: { label: 'length of the stall', unit: 'ms', value: 1000, min: 200, max: 5000 },
    seconds: length(5),
  },
  measures: {
    open: {
      label: 'slow responses of the first test',
      unit: 'count',
      from: 'harness',
    },
    closed: {
      label: 'slow responses of the second test',
      unit: 'count',
      from: 'harness',
    },
    open50: { label: '50th percentile of the first test', unit: 'ms', from: 'harness' },
    open90: { label: '90th percentile of the first test', unit: 'ms', from: 'harness' },
    open99: { label: '99th percentile of the first test', unit: 'ms', from: 'harness' },
    closed50: { label: '50th percentile of the second test', unit: 'ms', from: 'harness' },
    closed90: { label: '90th percentile of the second test', unit: 'ms', from: 'harness' },
    closed99: { label: '99th percentile of the second test', unit: 'ms', from: 'harness' },
    missing: { label: 'requests that the second test never sent', unit: 'count', from: 'target' },
  },
  curves: [
    {
      ask: 'Which percentiles of the response time does the first test report?',
      x: PERCENTILES,
      y: { label: 'response time, first test', unit: 'ms' },
      points: pointsOf('open'),
      isEven: true,
    },
    {
      ask: 'And which does the second test report?',
      x: PERCENTILES,
      y: { label: 'response time, second test', unit: 'ms' },
      points: pointsOf('closed'),
      isEven: true,
    },
  ],
  loads: 2,
  theory: ({ stallMs, seconds }) => ({
    open: (stallMs / 2 / 1000) * PER_SECOND,
    closed: CONNECTIONS,
    ...percentilesOf('open', share => openMs(stallMs, seconds, share)),
    ...percentilesOf('closed', share => closedMs(stallMs, seconds, share)),
    missing: (stallMs / 1000) * PER_SECOND - CONNECTIONS,
  }),
  async run(bench, { stallMs, seconds }) {
    const duration = seconds * 1000
    const open = await stalled(bench, stallMs, seconds, get =>
      scenario({
        connections: CONNECTIONS,
        load: { executor: 'constant-arrival-rate', rate: PER_SECOND, duration, preAllocatedVUs: 100, maxVUs: 2000 },
        users: [user('client', { iterate: get })],
      }),
    )
    const closed = await stalled(bench, stallMs, seconds, get =>
      scenario({
        load: { executor: 'constant-vus', vus: CONNECTIONS, duration },
        users: [user('client', { pacing: (1000 * CONNECTIONS) / PER_SECOND, iterate: get })],
      }),
    )
    return {
      open: open.slow,
      closed: closed.slow,
      ...percentilesOf('open', open.percentile),
      ...percentilesOf('closed', closed.percentile),
      missing: Math.max(0, seconds * PER_SECOND - closed.arrivals),
    }
  },
  question: {
    ask: 'Which test says what visitors would have felt?',
    options: [
      'The second: it measured what the server did with each request',
      'The first: visitors do not stop coming because others are waiting',
    ],
    answer: () => 1,
    because:
      'The second test sent nothing during the stall, because all its users were waiting. It omitted the very requests that would have been slow. Its percentiles look good for this reason only.',
  },
  next: 'Make the stall twice as long. Which of the two counts grows?',
})

const HEADER = 'x-lab-stall'

/** Runs a scenario in which one request, sent after two fifths of the run, makes the target stand still. */
async function stalled(
  bench: LabBench,
  stallMs: number,
  seconds: number,
  definitionOf: (get: (context: Context<unknown>) => Promise<unknown>) => Scenario,
): Promise<{ slow: number; arrivals: number; percentile: (share: number) => number }> {
  const { clock } = bench
  let startedAt: number | undefined
  let isStalled = false
  const get = ({ http }: Context<unknown>) => {
    startedAt ??= clock.now()
    const isFirst = !isStalled && clock.now() - startedAt >= 400 * seconds
    isStalled ||= isFirst
    return http.get(PRODUCT, isFirst ? { headers: { [HEADER]: 'now' } } : {})
  }
  const rule = {
    id: 'stall',
    match: { header: { [HEADER]: 'now' } },
    fault: { type: 'stall', duration: stallMs } as const,
  }
  const run = await experiment(bench, 'a stall', [rule], definitionOf(get))
  const times = trendOf(run.result, 'http_req_duration')
  return {
    slow: times.countAbove(stallMs / 2),
    arrivals: productAccount(run).arrivals,
    percentile: share => times.percentile(100 * share) ?? 0,
  }
}

function pointsOf<Test extends 'open' | 'closed'>(test: Test) {
  return [
    { measure: `${test}50` as const, x: 0.5 },
    { measure: `${test}90` as const, x: 0.9 },
    { measure: `${test}99` as const, x: 0.99 },
  ]
}

type Percentiles<Test extends string> = Record<`${Test}50` | `${Test}90` | `${Test}99`, number>

function percentilesOf<Test extends 'open' | 'closed'>(test: Test, at: (share: number) => number): Percentiles<Test> {
  return Object.fromEntries(pointsOf(test).map(({ measure, x }) => [measure, at(x)])) as Percentiles<Test>
}

/** Returns a percentile of the first test: what was due during the stall waits for the rest of it. */
function openMs(stallMs: number, seconds: number, share: number): number {
  const stalledShare = Math.min(1, stallMs / (1000 * seconds))
  return Math.max(0, stallMs * (1 - (1 - share) / stalledShare))
}

/** Returns a percentile of the second test: one response of each user is slow. */
function closedMs(stallMs: number, seconds: number, share: number): number {
  const sent = Math.max(CONNECTIONS, (seconds - stallMs / 1000) * PER_SECOND + CONNECTIONS)
  return share > 1 - CONNECTIONS / sent ? stallMs : 0
}
