/**
 * The target stands still for two seconds, once. How bad was it?
 *
 * Here work arrives a hundred times a second, whether or not the target answers, at a client with ten connections. In two seconds
 * 200 requests become due. Ten of them are on the wire; the others wait for a connection, and are sent when the target is back.
 *
 * Both clocks are in the report. *Service time* starts when a request was sent: it knows of ten slow ones among two thousand, and
 * its p99 says that all is well. *Response time* starts when the request was due: it knows of all 200, of which the first waited
 * two seconds and the last hardly at all. Its percentiles can be computed: of N seconds two were lost, evenly, so the share that
 * waited longer than t is (2 s − t) ÷ N, and p99 is 2 s − N ÷ 100. Of twenty seconds that is 1.8 s.
 *
 * `coordinated-omission-closed` is the same stall, and a client that asks only after it was answered: it never finds out.
 */
import { type Duration, type Load, type Scenario, scenario, user } from 'loadcell'

export const CONNECTIONS = 10

interface Meeting {
  /** Says which clients meet the stall. */
  description: string
  load: Load
  thresholds: Scenario['thresholds']
  pacing?: Duration
}

/** One stall: while it lasts its window goes by, which is stretched with the run. */
export function stalled({ description, load, thresholds, pacing = 0 }: Meeting): Scenario {
  return scenario({
    description: `A stall of two seconds, met on ${CONNECTIONS} connections by ${description}`,
    load,
    needs: {
      duration: '5s',
      longest: '30s',
      because: 'the stall of two seconds is to be met once, and to be more than a twentieth of the run',
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
    'arrivals that wait for nobody: of all requests (2 s − t) ÷ (length of the run) take longer than t, and the clock that starts when they are sent sees ten.',
  load: { executor: 'constant-arrival-rate', rate: 100, duration: '20s', preAllocatedVUs: 300, maxVUs: 2000 },
  // What people waited: by the formula it is a second. Half of that does for a run of up to thirty seconds.
  thresholds: { http_req_duration: ['p(95)>500'], dropped_iterations: ['count==0'] },
})
