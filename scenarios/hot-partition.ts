/**
 * One customer does most of the business, and one worker gets all of it.
 *
 * Events of a key must be processed in order, so a key belongs to one partition, and a partition to one member of the group. The member
 * with a hot key is at its limit while the others are idle, and more members would not help. The average over the group looks fine.
 * Look instead at the lag of each member ("Consumer lag" in the report), and at the shares of the partitions
 * (`GET /v1/streams/payments/stats`). A finer key helps, where the order allows it.
 */
import { type BatchResponse, randomInteger, scenario, user } from 'loadcell'

/** Makes events large, so that the kernels' buffers fill up soon, and the target sees who is behind. */
const BALLAST = 'x'.repeat(16_000)
const HOT_SHARE = 0.7
const EVENTS_A_BATCH = 20

export default scenario({
  description: 'Four workers share payments by customer; seven of ten are of the same customer.',

  target: {
    'streams.slowConsumer.budgetBytes': 256 * 1024 * 1024,
    'streams.slowConsumer.budgetAge': '2m',
    'streams.historyBytes': 64 * 1024 * 1024,
  },

  needs: { duration: '12s', because: 'the backlog of the hot customer must grow until it is a second old' },

  load: { executor: 'constant-vus', vus: 5, duration: '30s' },

  users: [
    user('shop', {
      share: 1,
      pacing: '100ms',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      async iterate({ http, fake, random, check }) {
        const events = Array.from({ length: EVENTS_A_BATCH }, () => {
          const customer = random.next() < HOT_SHARE ? 'the-hot-one' : `customer-${randomInteger(random, 1000)}`
          return fake.event('payment.made', { customer, ballast: BALLAST }, customer)
        })
        check(await http.post('/v1/events/batch', { json: { stream: 'payments', events } }), {
          'are all accepted': response => {
            if (!response.ok) return false
            const { accepted_count, rejected_count, duplicate_count } = response.json<BatchResponse>()
            return accepted_count === EVENTS_A_BATCH && rejected_count === 0 && duplicate_count === 0
          },
        })
      },
    }),

    user('worker', {
      share: 4,
      async begin({ auth }) {
        await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        return new Map<number, number>()
      },
      async iterate({ sse, state: booked, sleep, check }) {
        for await (const { event } of sse.open('/v1/streams/payments?consumer_group=ledger')) {
          check(event, {
            'is a payment': ({ event_type }) => event_type === 'payment.made',
            // The harness checks no order in a group, whose members take over from each other.
            'is booked once and in order': ({ partition, offset }) => offset > (booked.get(partition) ?? -1),
          })
          booked.set(event.partition, event.offset)
          // Fast enough for a quarter of the payments, but much too slow for those of the hot customer.
          await sleep('12ms')
        }
      },
    }),
  ],

  thresholds: {
    sse_events: ['count>0'],
    // Most payments are late, although three of four workers are idle.
    'event_e2e_latency{user:worker}': ['p(25)<500', 'p(75)>1000'],
    http_req_duration: ['p(95)<500', 'p(99)<1500'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
