/**
 * Background work beside people: an import of readings starts while visitors are there. Do they notice?
 *
 * The two loads have different models. Visitors come at a rate of their own (open), and each request of theirs counts from when it was due.
 * The import is a fixed number of workers (closed), each of which sends the next batch when the last one was accepted: if the target gets
 * slower, so does the import, which is what background work should do. `--only visitors` measures the same visitors without it.
 */
import { around, type BatchResponse, type Product, randomInteger, scenario, user } from 'loadcell'

const READINGS_PER_BATCH = 50

export default scenario({
  description: 'Visitors look at products at a steady rate; after 8 s, four workers import batches of 50 readings.',

  loads: {
    visitors: {
      executor: 'constant-arrival-rate',
      rate: 40,
      duration: '24s',
      arrivals: 'poisson',
      preAllocatedVUs: 40,
      maxVUs: 400,
      users: [
        user('visitor', {
          async iterate({ http, random, check }) {
            const id = 1 + randomInteger(random, 1000)
            const shown = await http.get(`/api/v1/products/${id}`)
            check(shown, { 'is the product': response => response.ok && response.json<Product>().id === id })
          },
        }),
      ],
      thresholds: { http_req_duration: ['p(95)<200', 'p(99)<500'], dropped_iterations: ['count==0'] },
    },

    import: {
      executor: 'constant-vus',
      vus: 4,
      startTime: '8s',
      duration: '12s',
      think: around('100ms'),
      users: [
        user('importer', {
          begin: ({ auth }) => auth.clientCredentials('analytics-ingestor', 'analytics-secret', 'events.write'),
          async iterate({ http, fake, check }) {
            const events = Array.from({ length: READINGS_PER_BATCH }, () => fake.telemetryReading())
            const response = await http.post('/v1/events/batch', { json: { stream: 'telemetry', events } })
            check(response, {
              'is accepted in full': ({ ok }) =>
                ok && response.json<BatchResponse>().accepted_count === READINGS_PER_BATCH,
            })
          },
        }),
      ],
      // Slow is fine, standing still is not.
      thresholds: { events_accepted: ['rate>100'] },
    },
  },

  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
