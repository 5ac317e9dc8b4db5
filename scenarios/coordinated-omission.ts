/**
 * The target stands still once, for two seconds. How bad was it?
 *
 * Work arrives a hundred times a second, whether or not the target answers, at a client with ten connections. In two seconds, 200
 * requests become due. Ten of them are in flight; the others wait for a connection and are sent when the target is back.
 *
 * The report has both clocks. *Service time* starts when a request is sent: it sees ten slow requests among two thousand, and its p99
 * says that all is well. *Response time* starts when a request is due: it sees all 200, of which the first waited for two seconds and
 * the last hardly at all. Its percentiles can be computed. In a run of N seconds, the share of requests that waited longer than t is
 * (2 s − t) ÷ N, so p99 is 2 s − N ÷ 100, which is 1.8 s for twenty seconds.
 *
 * `coordinated-omission-closed` has the same stall, but a client that sends only after an answer, and so never finds out.
 */
import { type Duration, type Load, type Scenario, scenario, user } from 'loadcell'

export const CONNECTIONS = 10

interface Meeting {
  /** Clients that meet the stall, and what they see. */
  description: string
  load: Load
  thresholds: Scenario['thresholds']
  pacing?: Duration
}

/** Returns a scenario with one stall. The window of the rule scales with the run, but is over before the stall ends. */
export function stalled({ description, load, thresholds, pacing = 0 }: Meeting): Scenario {
  return scenario({
    description: `A stall of two seconds, met on ${CONNECTIONS} connections by ${description}`,
    load,
    needs: {
      duration: '5s',
      longest: '30s',
      because: 'the stall of two seconds must happen once, and take more than a twentieth of the run',
    },
    connections: CONNECTIONS,
    faults: {
      timeline: {
        phases: [
          { name: 'healthy', duration: '9s' },
          {
            name: 'stall',
            duration: '2s',
            faults: [
              {
                id: 'stall',
                match: { operation: 'products.get' },
                window: { from: 0, to: '800ms' },
                fault: { type: 'stall', duration: '2s' },
              },
            ],
          },
          { name: 'healthy again', duration: '9s' },
        ],
      },
    },
    users: [user('reader', { pacing, iterate: ({ http }) => http.get('/api/v1/products/7') })],
    thresholds: { http_req_failed: ['rate==0'], http_req_service_time: ['p(95)<200', 'max>1500'], ...thresholds },
  })
}

export default stalled({
  description:
    'arrivals that do not wait for answers: a share of (2 s − t) ÷ (length of the run) takes longer than t, but the clock that starts at sending sees only ten slow requests.',
  load: { executor: 'constant-arrival-rate', rate: 100, duration: '20s', preAllocatedVUs: 300, maxVUs: 2000 },
  // By the formula, p95 is one second here, and at least half a second in a run of up to thirty seconds.
  thresholds: { http_req_duration: ['p(95)>500'], dropped_iterations: ['count==0'] },
})
