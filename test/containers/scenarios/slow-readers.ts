/**
 * Two who hardly read among thirty who keep up. Events are so large that what the kernels of both ends hold for the two is
 * used up on a slow machine too, and the target has to choose what to drop.
 */
import { scenario, user } from 'loadcell'

const BALLAST = 'x'.repeat(60_000)

export default scenario({
  load: { executor: 'constant-vus', vus: 33, duration: '40s' },
  users: [
    user('device', {
      share: 1,
      think: '10ms',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      iterate: ({ http, fake }) =>
        http.post('/v1/events/publish', { json: fake.event('telemetry.reading', { metric: 'trace', value: BALLAST }) }),
    }),
    ...(['fast', 'slow'] as const).map(name =>
      user(name, {
        share: name === 'slow' ? 2 : 30,
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        async iterate({ sse }) {
          const options = name === 'slow' ? ({ readRate: '6/m' } as const) : {}
          for await (const _ of sse.open('/v1/streams/telemetry', options));
        },
      }),
    ),
  ],
  thresholds: { 'event_gaps{user:fast}': ['count==0'], http_req_failed: ['rate==0'] },
})
