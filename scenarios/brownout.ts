/**
 * The service is well, then overloaded, then well again: what do its clients make of it?
 *
 * The faults are a timeline that comes with the run: for a third of it every answer is slower by 200 ms in the median and 2 s at
 * p99, and one request in ten is turned away with a 503. Nothing is left of it when the run has ended. The report draws the
 * phases behind its charts, and holds what was injected against what was configured.
 *
 * Two kinds of client meet the same trouble. The impatient one accepts a refusal. The patient one asks again when it is
 * told to, as `Retry-After` says: what it wanted it gets, later; and its repetitions are load on a service that has
 * too much already. Compare `arrived` of both.
 */
import { type HttpResponse, randomInteger, type RetryOptions, scenario, user } from 'loadcell'

const retry: RetryOptions = { attempts: 5, backoff: '200ms' }

/** Each attempt is an exchange of its own to the target, and has a fate of its own. */
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
    // A third of the run loses a tenth: about three in a hundred.
    http_req_failed: ['rate<0.07'],
    // Each phase is judged by itself: bad as it may be while it is bad, the others have to be as good as ever.
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
