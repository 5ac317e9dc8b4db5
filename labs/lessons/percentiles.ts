import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT, productTimes } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A page waits for several requests, so few slow requests make many slow pages. */
export const percentiles = lab({
  name: 'percentiles',
  title: 'What a percentile hides',
  story: [
    'A shop answers most requests in 10 ms. A few of them wait for a slow disk and take 300 ms.',
    'A page needs several requests, one after another. A visitor notices if a single one of them is slow.',
    'The dashboard of the shop shows the 95th percentile of all requests. It looks fine.',
  ],
  settings: {
    slowShare: { label: 'share of slow requests', unit: 'share', value: 0.03, min: 0, max: 1 },
    requests: { label: 'requests of a page', unit: 'count', value: 8, min: 1, max: 50 },
    seconds: length(5),
  },
  measures: {
    p95: {
      label: '95th percentile of the requests',
      unit: 'ms',
      from: 'target',
      ask: 'How long is the 95th percentile of all requests?',
    },
    mean: { label: 'mean of the requests', unit: 'ms', from: 'target' },
    slowPages: {
      label: 'pages with at least one slow request',
      unit: 'share',
      from: 'harness',
      ask: 'Which share of the pages has at least one slow request?',
    },
  },
  theory: ({ slowShare, requests }) => ({
    p95: slowShare < 0.05 ? FAST_MS : SLOW_MS,
    mean: slowShare * SLOW_MS + (1 - slowShare) * FAST_MS,
    slowPages: 1 - (1 - slowShare) ** requests,
  }),
  async run(bench, { slowShare, requests, seconds }) {
    const rules = [
      { id: 'fast', fault: { type: 'delay', distribution: FAST_MS } as const },
      { id: 'slow', share: slowShare, fault: { type: 'delay', distribution: SLOW_MS - FAST_MS } as const },
    ]
    let pages = 0
    let slowPages = 0
    const run = await experiment(
      bench,
      'a percentile and its pages',
      rules,
      scenario({
        load: { executor: 'constant-vus', vus: 6, duration: seconds * 1000, gracefulStop: '30s' },
        users: [
          user('visitor', {
            async iterate({ http }) {
              let isSlow = false
              for (let request = 0; request < requests; request++) {
                const { durationMs } = await http.get(PRODUCT)
                isSlow ||= durationMs > (FAST_MS + SLOW_MS) / 2
              }
              pages += 1
              if (isSlow) slowPages += 1
            },
          }),
        ],
      }),
    )
    const times = productTimes(run)
    return {
      p95: times.percentile(95) ?? 0,
      mean: times.meanMs,
      slowPages: slowPages / pages,
    }
  },
  question: {
    ask: 'Which number would have told the shop what its visitors feel?',
    options: ['The mean of the requests', 'The 95th percentile of the requests', 'The share of slow pages'],
    answer: () => 2,
    because:
      'Visitors wait for pages. The 95th percentile says nothing of the slowest 5 % of the requests, and a page of eight requests meets them much more often than one request in twenty.',
  },
  next: 'Let a page have 30 requests. Then make one request in a thousand slow: how many pages are slow now?',
})

const FAST_MS = 10
const SLOW_MS = 300
