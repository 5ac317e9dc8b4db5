import { scenario, user } from '../../harness/scenario.ts'
import { trendOf } from '../../calibration/series.ts'
import { experiment, length, PRODUCT, productAccount, productTimes } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A load generator whose own pool of connections is the bottleneck. */
export const generator = lab({
  name: 'generator',
  title: 'The generator is the bottleneck',
  story: [
    'A load test wants to send requests at a steady rate. Its HTTP client has a pool with a fixed number of connections, and each connection carries one request at a time.',
    'The server takes 50 ms for each request, however many there are.',
    'The report shows response times. It does not say whose they are.',
  ],
  settings: {
    rate: { label: 'requests that are due', unit: 'per second', value: 100, min: 1, max: 300 },
    connections: { label: 'connections of the pool', unit: 'count', value: 4, min: 1, max: 500 },
    seconds: length(4),
  },
  measures: {
    sent: {
      label: 'requests at the target while the load lasted',
      unit: 'per second',
      from: 'target',
      ask: 'How many requests a second reach the server while the load lasts?',
    },
    response: { label: 'mean response time in the report', unit: 'ms', from: 'harness' },
    truth: {
      label: 'mean time at the target',
      unit: 'ms',
      from: 'target',
      ask: 'How long is a request at the server, on average?',
    },
  },
  theory: ({ rate, connections }) => ({ sent: Math.min(rate, (1000 * connections) / SERVED_MS), truth: SERVED_MS }),
  async run(bench, { rate, connections, seconds }) {
    const run = await experiment(
      bench,
      'a small pool of connections',
      [{ id: 'served', fault: { type: 'delay', distribution: SERVED_MS } }],
      scenario({
        connections,
        load: {
          executor: 'constant-arrival-rate',
          rate,
          duration: seconds * 1000,
          preAllocatedVUs: Math.min(MOST_USERS, Math.ceil(rate * seconds)),
          maxVUs: Math.min(MOST_USERS, Math.ceil(2 * rate * seconds)),
          gracefulStop: '120s',
        },
        users: [user('client', { iterate: ({ http }) => http.get(PRODUCT) })],
      }),
    )
    // Requests that were due go on being sent after the end of the load, at the pace of the pool.
    const { durationMs } = run.result.run
    return {
      sent: (1000 * productAccount(run).arrivals) / Math.max(durationMs, seconds * 1000),
      response: trendOf(run.result, 'http_req_duration').meanMs,
      truth: productTimes(run).meanMs,
    }
  },
  question: {
    ask: 'The report shows a mean of more than a second. Where do you look first?',
    options: [
      'At the server: it is too slow for this load',
      'At the generator: did it wait for a connection, or was it late?',
      'At the network between them',
    ],
    answer: measured => (measured.response > 2 * measured.truth ? 1 : 0),
    because:
      'The server took 50 ms each time, as its own record shows. The rest was spent waiting for a free connection (http_req_blocked). Loadcell calls a run invalid if its generator was late, and says what limited it.',
  },
  next: 'How many connections does the pool need for this rate? Use Little’s law, and try it.',
})

const SERVED_MS = 50
/** Further requests that are due are dropped. */
const MOST_USERS = 20_000
