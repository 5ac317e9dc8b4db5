/**
 * Devices send readings in compressed batches of a hundred: throughput is counted in events, not in requests.
 *
 * Some readings are broken on purpose. The target accepts a batch in part: it keeps the good readings and names each broken one by its
 * place in the batch. Both ends must agree on how many there were of each.
 */
import { type BatchResponse, randomInteger, scenario, user } from 'loadcell'

const EVENTS_PER_BATCH = 100

export default scenario({
  description: '10 gateways send 300 batches of 100 telemetry readings, gzip-packed, one in fifty readings broken.',

  // A fixed amount of work that the users share: the run ends when it is done, and its length is the result.
  load: { executor: 'shared-iterations', vus: 10, iterations: 300, maxDuration: '60s' },

  users: [
    user('gateway', {
      begin: ({ auth }) => auth.clientCredentials('analytics-ingestor', 'analytics-secret', 'events.write'),
      async iterate({ http, fake, random, check }) {
        const broken: number[] = []
        const events = Array.from({ length: EVENTS_PER_BATCH }, (_, index) => {
          const reading = fake.telemetryReading()
          if (randomInteger(random, 50) > 0) return reading
          broken.push(index)
          return { ...reading, data: 'lost in transmission' }
        })
        const response = await http.post('/v1/events/batch', {
          json: { stream: 'telemetry', compression: 'gzip', events },
          compression: 'gzip',
        })
        check(response, {
          'is accepted': ({ status }) => status === 202,
          'names each broken reading, and why': ({ ok }) => {
            if (!ok) return false
            const { rejected } = response.json<BatchResponse>()
            const areNamed = rejected.every(({ index, code, detail }, at) => index === broken[at] && code && detail)
            return areNamed && rejected.length === broken.length
          },
          'keeps all the others': ({ ok }) => {
            if (!ok) return false
            const { accepted_count, rejected_count } = response.json<BatchResponse>()
            return accepted_count === EVENTS_PER_BATCH - broken.length && rejected_count === broken.length
          },
        })
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/v1/events/batch}': ['p(95)<500', 'p(99)<1000'],
    http_req_failed: ['rate==0'],
    events_accepted: ['count>0'],
    checks: ['rate==1'],
  },
})
