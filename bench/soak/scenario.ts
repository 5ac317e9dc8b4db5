/** Both ends at work for a long time: requests, events, streams that come and go, and jobs. */
import { around, scenario, user, variables } from 'loadcell'

/** Iterations a second, and readers of streams. */
const vars = variables({ rate: 100, consumers: 10 })

const publishers = user('publisher', {
  begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
  tasks: {
    publish: {
      weight: 1,
      run: async ({ http, fake }) => void (await http.post('/v1/events/publish', { json: fake.inventoryUpdated() })),
    },
    look: {
      weight: 4,
      run: async ({ http, random }) => void (await http.get(`/api/v1/products/${1 + Math.floor(random.next() * 90)}`)),
    },
  },
})

const consumers = user('consumer', {
  think: around('500ms'),
  begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
  async iterate({ sse }) {
    for await (const _ of sse.open('/v1/streams/notifications?channels=inventory', { until: '20s' }));
  },
})

export default scenario({
  warmup: 0,
  loads: {
    requests: {
      executor: 'constant-arrival-rate',
      rate: vars.rate,
      duration: '10m',
      preAllocatedVUs: 50,
      maxVUs: 500,
      users: [publishers],
    },
    streams: { executor: 'constant-vus', vus: vars.consumers, duration: '10m', users: [consumers] },
  },
  thresholds: { http_req_failed: ['rate<0.001'], event_gaps: ['count==0'] },
})
