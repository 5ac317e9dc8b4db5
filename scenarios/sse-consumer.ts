/**
 * Dashboards that listen: long-lived streams show what short requests never do.
 *
 * The target's ambient feed keeps the streams alive, so this scenario needs no producer. Each consumer stays for a while, leaves, and
 * comes back with the cursor of the last event it saw (`Last-Event-ID`), so that it misses nothing.
 */
import { between, scenario, user } from 'loadcell'

export default scenario({
  description: '40 dashboards follow orders, leave, and resume where they left.',

  load: { executor: 'constant-vus', vus: 40, duration: '30s' },

  users: [
    user('dashboard', {
      think: between('200ms', '1s'),
      async begin({ auth }) {
        await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        return { cursor: '', seen: 0 }
      },
      async iterate({ sse, state, check }) {
        const resumed = state.cursor !== ''
        let first = true
        let before = Date.now()
        const stream = sse.open('/v1/streams/orders', { until: '6s', lastEventId: state.cursor || undefined })
        for await (const { id, type, event } of stream) {
          if (first && resumed) check(type, { 'resumes without a reset': name => name !== 'reset' })
          first = false
          check(event, {
            'is an order': ({ event_type }) => event_type.startsWith('order.'),
            // The feed has five a second.
            'comes without a pause': () => Date.now() - before < 1500,
          })
          before = Date.now()
          state.cursor = id
          state.seen++
        }
      },
    }),
  ],

  thresholds: {
    sse_connecting: ['p(95)<200'],
    sse_time_to_first_event: ['p(95)<2000'],
    sse_events: ['count>0'],
    sse_resets: ['count==0'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})
