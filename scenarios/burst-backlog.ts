/**
 * Events arrive in a burst, faster than the workers process them: how long until the workers have caught up?
 *
 * The publisher is done in seconds and has seen only good answers, while the workers of the group have a backlog. The report shows it
 * in two ways: in events, by the target, which knows how many it has yet to deliver ("Consumer lag"), and in time, by the age of
 * events on arrival (`event_e2e_latency`), which is how long a customer waits.
 *
 * A worker reads no faster than it works. The rest waits first in the kernels' buffers, and then in the target, which keeps up to
 * `budgetBytes` of it.
 */
import { scenario, user } from 'loadcell'

/** Makes jobs large, so that the kernels' buffers fill up soon. */
const BALLAST = 'x'.repeat(16_000)
const JOBS_A_BATCH = 20

export default scenario({
  description:
    'Four workers share a stream of jobs; once, far more come in than they can do, and a foreman watches the backlog.',

  target: { 'streams.slowConsumer.budgetBytes': 64 * 1024 * 1024, 'streams.historyBytes': 64 * 1024 * 1024 },

  needs: {
    duration: '30s',
    because: 'the burst comes after five seconds, and its backlog takes about twelve more to clear',
  },

  load: { executor: 'constant-vus', vus: 6, duration: '36s' },

  users: [
    user('publisher', {
      share: 1,
      pacing: '1s',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      // Five seconds into the run, it publishes a hundred batches at once.
      async iterate({ http, fake, vu }) {
        const batches = Array.from({ length: vu.iteration === 5 ? 100 : 1 }, () =>
          Array.from({ length: JOBS_A_BATCH }, () => fake.event('job.created', { ballast: BALLAST })),
        )
        await Promise.all(batches.map(events => http.post('/v1/events/batch', { json: { stream: 'jobs', events } })))
      },
    }),

    user('foreman', {
      share: 1,
      pacing: '1s',
      async begin({ auth }) {
        await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        return { peak: 0, caughtUp: true }
      },
      async iterate({ http, state }) {
        const stats = await http.get('/v1/streams/jobs/stats')
        if (!stats.ok) return
        const lag = stats.json<{ groups: { lag: number }[] }>().groups[0]?.lag ?? 0
        if (lag > state.peak) Object.assign(state, { peak: lag, caughtUp: false })
        // Events that have just arrived are no backlog.
        else if (lag <= state.peak / 100) state.caughtUp = true
      },
      end({ check, state }) {
        check(state, { 'had a backlog': ({ peak }) => peak > 0, 'have caught up with it': ({ caughtUp }) => caughtUp })
      },
    }),

    user('worker', {
      share: 4,
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse, check }) {
        for await (const { event } of sse.open('/v1/streams/jobs?consumer_group=workers', { readRate: '50/s' })) {
          check(event, { 'is a job': ({ event_type }) => event_type === 'job.created' })
        }
      },
    }),
  ],

  thresholds: {
    'event_e2e_latency{user:worker}': ['max<30000'],
    events_rejected: ['count==0'],
    event_duplicates: ['count==0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
