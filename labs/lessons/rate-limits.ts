import { ControlPlane } from '../../harness/control/control-plane.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT, productAccount } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A token bucket that lets a burst pass, and then its rate. */
export const rateLimits = lab({
  name: 'rate-limits',
  title: 'Rate limits',
  story: [
    'A server limits each client with a token bucket: each request takes a token, and tokens are refilled at a steady rate. A full bucket allows a burst.',
    'A request that finds no token is answered with 429 at once.',
    'One client sends more requests a second than the rate allows.',
  ],
  settings: {
    rate: { label: 'requests of the client', unit: 'per second', value: 60, min: 1, max: 300 },
    limit: { label: 'tokens refilled', unit: 'per second', value: 20, min: 1, max: 300 },
    burst: { label: 'tokens in a full bucket', unit: 'count', value: 40, min: 1, max: 1000 },
    seconds: length(4),
  },
  measures: {
    passed: {
      label: 'requests that were let through',
      unit: 'count',
      from: 'target',
      ask: 'How many requests of the whole run are let through?',
    },
    refused: {
      label: 'share of the requests answered with 429',
      unit: 'share',
      from: 'target',
      ask: 'Which share of the requests is answered with 429?',
    },
  },
  theory({ rate, limit, burst, seconds }) {
    const total = rate * seconds
    const passed = Math.min(total, burst + limit * seconds)
    return { passed, refused: 1 - passed / total }
  },
  async run(bench, { rate, limit, burst, seconds }) {
    const control = new ControlPlane(bench)
    // A rule has a whole number of requests.
    const refilled = { requests: Math.round(100 * limit), per: '100s' }
    const rule = { name: 'lab', by: 'client', ...refilled, burst, operations: ['products.get'] }
    await control.send('PATCH', '/config', { rateLimits: { rules: [rule] } })
    try {
      const run = await experiment(
        bench,
        'a rate limit',
        [],
        scenario({
          load: { executor: 'constant-arrival-rate', rate, duration: seconds * 1000, preAllocatedVUs: Math.ceil(rate) },
          users: [user('client', { iterate: ({ http }) => http.get(PRODUCT, { expect: [200, 429] }) })],
        }),
      )
      const { statuses, arrivals } = productAccount(run)
      return { passed: statuses['200'] ?? 0, refused: (statuses['429'] ?? 0) / arrivals }
    } finally {
      await control.send('PATCH', '/config', { rateLimits: { rules: [] } })
    }
  },
  question: {
    ask: 'A load test of an API with a rate limit reports 3000 requests a second and very short times. What has it measured?',
    options: ['How fast the API is', 'How fast the API says no'],
    answer: () => 1,
    because:
      'An answer of 429 costs the server nearly nothing, so a test that counts it as success looks excellent. Count refusals separately, and compare the answers by status with what the server counted.',
  },
  next: 'Run for 20 s. Why does the burst matter less now?',
})
