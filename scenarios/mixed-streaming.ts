/**
 * Producers publish while consumers listen: the main scenario.
 *
 * It is a closed model: a number of virtual users, each doing one thing after another with pauses in between, as people do. If the
 * target becomes slower, so do these users. `order-producer` shows the open model, in which they do not.
 */
import { between, type HttpResponse, type PublishResponse, scenario, stages, user } from 'loadcell'

/** Tells whether an event was given a place in its stream. */
const hasPlace = ({ event_id, stream, partition, offset, accepted_at }: PublishResponse) =>
  [partition, offset].every(Number.isInteger) && Boolean(event_id && stream && accepted_at)

const accepted = {
  'is accepted': (response: HttpResponse) => response.ok && hasPlace(response.json<PublishResponse>()),
}

export default scenario({
  description: '70 % producers and 30 % SSE consumers: a gradual ramp, a steady phase, a burst, and recovery from it.',

  load: {
    executor: 'ramping-vus',
    stages: stages('8s → 40', '10s → 40', '2s → 120', '8s → 120', '3s → 40', '8s → 40', '1s → 0'),
  },

  users: [
    user('producer', {
      share: 70,
      think: between('50ms', '250ms'),
      // Runs once for each user. All producers share one token, which is refreshed before it expires.
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      tasks: {
        'publish inventory': {
          weight: 3,
          run: async ({ http, fake, check }) =>
            void check(await http.post('/v1/events/publish', { json: fake.inventoryUpdated() }), accepted),
        },
        'publish price': {
          weight: 1,
          run: async ({ http, fake, check }) =>
            void check(await http.post('/v1/events/publish', { json: fake.priceChanged() }), accepted),
        },
      },
    }),

    user('consumer', {
      share: 30,
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      // The harness measures order, gaps, duplicates and end-to-end latency of every event by itself.
      async iterate({ sse, check }) {
        const messages = sse.open('/v1/streams/notifications?channels=inventory,pricing', { until: '20s' })
        for await (const message of messages) {
          check(message, {
            'is of a channel we asked for': ({ event }) => event.stream === 'inventory' || event.stream === 'pricing',
            'stands where its cursor says': ({ id }) => id !== '',
          })
        }
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/v1/events/publish}': ['p(95)<200'],
    http_req_failed: ['rate<0.01'],
    event_e2e_latency: ['p(99)<500'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    checks: ['rate==1'],
  },
})
