/**
 * Devices send readings in compressed batches of a hundred: throughput is counted in events, not in requests.
 *
 * Some readings are broken on purpose. The target accepts a batch in part: it keeps the good readings and names each broken one by its
 * place in the batch. Both ends must agree on how many there were of each.
 */
import { randomInteger, scenario, user } from 'loadcell'

const EVENTS_PER_BATCH = 100

export default scenario({
  description: '10 gateways send 300 batches of 100 telemetry readings, gzip-packed, one in fifty readings broken.',

  // A fixed amount of work that the users share: the run ends when it is done, and its length is the result.
  load: { executor: 'shared-iterations', vus: 10, iterations: 300, maxDuration: '60s' },

  users: [
    user('gateway', {
      begin: ({ auth }) => auth.clientCredentials('analytics-ingestor', 'analytics-secret', 'events.write'),
      async iterate({ http, fake, random, check }) {
        let broken = 0
        const events = Array.from({ length: EVENTS_PER_BATCH }, () => {
          const reading = fake.telemetryReading()
          if (randomInteger(random, 50) > 0) return reading
          broken++
          return { ...reading, data: 'lost in transmission' }
        })
        const response = await http.post('/v1/events/batch', {
          json: { stream: 'telemetry', compression: 'gzip', events },
          compression: 'gzip',
        })
        check(response, {
          'is accepted': ({ status }) => status === 202,
          'names each broken reading': ({ ok }) =>
            ok && response.json<{ rejected: unknown[] }>().rejected.length === broken,
        })
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/v1/events/batch}': ['p(95)<500'],
    http_req_failed: ['rate==0'],
    events_accepted: ['count>0'],
    checks: ['rate==1'],
  },
})
