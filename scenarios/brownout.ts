/**
 * The service is healthy, then overloaded, then healthy again: how does that affect its clients?
 *
 * The faults are a timeline that comes with the run. For a third of the run, every answer is slower, by 200 ms in the median and 2 s at
 * p99, and one request in ten gets a 503. The faults end with the run. The report draws the phases behind its charts, and compares
 * what was injected with what was configured.
 *
 * Two kinds of client meet the same trouble. The impatient one accepts a refusal. The patient one tries again as `Retry-After` tells
 * it: it gets what it wanted, but later, and its retries add load to a service that already has too much. Compare `arrived` of both.
 */
import { type HttpResponse, randomInteger, type RetryOptions, scenario, user } from 'loadcell'

const retry: RetryOptions = { attempts: 5, backoff: '200ms' }

/** Each attempt is an exchange of its own, with a fate of its own. */
const products = (id: number) => `/api/v1/products/${id}`

const arrived = { 'got what it wanted': ({ ok }: HttpResponse) => ok }

export default scenario({
  description: 'Healthy, brownout, healthy: clients that give up, and clients that ask again.',

  needs: { duration: '15s', peak: 20, because: 'a client that asks again needs the time of its phase for it' },

  load: {
    executor: 'constant-arrival-rate',
    rate: 60,
    duration: '45s',
    arrivals: 'poisson',
    preAllocatedVUs: 100,
    maxVUs: 500,
  },

  faults: {
    timeline: {
      phases: [
        { name: 'healthy', duration: '15s' },
        { name: 'brownout', duration: '15s', faults: ['brownout'] },
        { name: 'healthy again', duration: '15s' },
      ],
    },
  },

  users: [
    user('impatient', {
      iterate: async ({ http, random, check }) =>
        void check(await http.get(products(1 + randomInteger(random, 1000))), arrived),
    }),
    user('patient', {
      iterate: async ({ http, random, check }) =>
        void check(await http.get(products(1 + randomInteger(random, 1000)), { retry }), arrived),
    }),
  ],

  thresholds: {
    // A tenth of the requests fail for a third of the run: about three in a hundred.
    http_req_failed: ['rate<0.07'],
    // Each phase is judged by itself. The brownout may be bad, but the healthy phases must be as good as ever.
    'http_req_failed{phase:brownout}': ['rate<0.25'],
    'http_req_duration{phase:brownout}': ['p(95)<2000'],
    'http_req_failed{phase:healthy}': ['rate<0.05'],
    'http_req_duration{phase:healthy}': ['p(50)<100'],
    'http_req_failed{phase:healthy again}': ['rate<0.05'],
    'http_req_duration{phase:healthy again}': ['p(50)<100'],
    'checks{user:patient}': ['rate>0.99'],
    'checks{user:impatient}': ['rate>0.9'],
  },
})
