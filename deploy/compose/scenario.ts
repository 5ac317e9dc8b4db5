import { randomInteger, scenario, user } from 'loadcell'

/** Replace this by your own scenario. */
export default scenario({
  description: 'Customers look for a product, 100 times a second in all.',
  load: { executor: 'constant-arrival-rate', rate: 100, duration: '30s', preAllocatedVUs: 30, maxVUs: 300 },
  users: [
    user('customer', { iterate: ({ http, random }) => http.get(`/api/v1/products/${1 + randomInteger(random, 100)}`) }),
  ],
  thresholds: { http_req_failed: ['rate<0.01'] },
})
