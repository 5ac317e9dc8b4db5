import { type Context, scenario, user, type Scenario } from '../../harness/scenario.ts'
import { trendOf } from '../../calibration/series.ts'
import { experiment, length, PRODUCT, productAccount } from '../experiment.ts'
import { lab, type LabBench } from '../lab.ts'

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
      ask: 'How many responses of the first test take longer than half of the stall?',
    },
    closed: {
      label: 'slow responses of the second test',
      unit: 'count',
      from: 'harness',
      ask: 'How many of the second?',
    },
    missing: { label: 'requests that the second test never sent', unit: 'count', from: 'target' },
  },
  theory: ({ stallMs }) => ({
    open: (stallMs / 2 / 1000) * PER_SECOND,
    closed: CONNECTIONS,
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
    return { open: open.slow, closed: closed.slow, missing: Math.max(0, seconds * PER_SECOND - closed.arrivals) }
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

const CONNECTIONS = 10
const PER_SECOND = 100
const HEADER = 'x-lab-stall'

/** Runs a scenario in which one request, sent after two fifths of the run, makes the target stand still. */
async function stalled(
  bench: LabBench,
  stallMs: number,
  seconds: number,
  definitionOf: (get: (context: Context<unknown>) => Promise<unknown>) => Scenario,
): Promise<{ slow: number; arrivals: number }> {
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
  return { slow: times.countAbove(stallMs / 2), arrivals: productAccount(run).arrivals }
}
