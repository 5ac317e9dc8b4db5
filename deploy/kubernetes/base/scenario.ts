import { scenario, user } from 'loadcell'

/** Replace this by your own scenario. */
export default scenario({
  description: 'Readers ask for a page, 50 times a second in all.',
  load: { executor: 'constant-arrival-rate', rate: 50, duration: '1m', preAllocatedVUs: 20, maxVUs: 200 },
  users: [user('reader', { iterate: ({ http }) => http.get('/') })],
  thresholds: { http_req_failed: ['rate<0.01'] },
})
