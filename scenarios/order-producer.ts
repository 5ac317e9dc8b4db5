/**
 * Orders arrive at a rate of their own, whatever the target does: an open model.
 *
 * Customers do not wait for each other. If the target stalls for a second, the orders of that second still arrive, and their response
 * time counts from when they were due. Compare `http_req_duration` (from due) with `http_req_service_time` (from sent) in the report:
 * where they differ, the generator or its virtual users were late.
 */
import { scenario, stages, user } from 'loadcell'

export default scenario({
  description: 'Independent customers place orders and change them: arrivals ramp to 200 a second.',

  load: {
    executor: 'ramping-arrival-rate',
    startRate: 20,
    stages: stages('10s → 200', '20s → 200', '5s → 0'),
    arrivals: 'poisson',
    preAllocatedVUs: 50,
    maxVUs: 400,
  },

  users: [
    user('customer', {
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      tasks: {
        'place an order': {
          weight: 4,
          async run({ http, fake, check }) {
            const order = fake.orderCreated()
            // The key makes a retry safe: a request with the same key and body gets the first answer again.
            const headers = { 'Idempotency-Key': fake.id('order') }
            const placed = await http.post('/v1/events/publish', { json: order, headers })
            check(placed, {
              'is accepted': ({ status }) => status === 202,
              'lands in orders': response => response.ok && response.json<{ stream: string }>().stream === 'orders',
            })
          },
        },
        'change an order': {
          weight: 1,
          run: ({ http, fake }) => http.post('/v1/events/publish', { json: fake.orderUpdated() }),
        },
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/v1/events/publish}': ['p(95)<100', 'p(99)<250'],
    http_req_failed: ['rate<0.001'],
    dropped_iterations: ['count==0'],
    events_accepted: ['count>0'],
    checks: ['rate>0.999'],
  },
})
