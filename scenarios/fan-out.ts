/**
 * Few speak and many listen: each published event makes hundreds of deliveries.
 *
 * The limit of such a system is its output, not its input, so double the listeners (`--vus 520`) before you double the speakers. Look
 * not only at how late events are, but also at how far apart they arrive: `event_fanout_skew` is the time from the first consumer
 * that received an event to the last. In an auction or a market, the last consumers lose.
 */
import { between, type ChatFrame, type PublishResponse, scenario, stages, user } from 'loadcell'

const HALL = 'room:hall'

/** Tells whether an event was given a place in its stream. */
const hasPlace = ({ event_id, stream, partition, offset, accepted_at }: PublishResponse) =>
  [partition, offset].every(Number.isInteger) && Boolean(event_id && stream && accepted_at)

export default scenario({
  description: 'Two tellers and two speakers, and 250 who listen: half to a stream, half in a room over WebSockets.',

  // Only events that this scenario publishes.
  target: { 'feed.pricing': 0 },

  load: { executor: 'ramping-vus', stages: stages('5s → 254', '28s → 254', '1s → 0') },
  needs: { duration: '4s', peak: 127, because: 'with fewer users there is no speaker among the listeners' },

  users: [
    user('teller', {
      share: 2,
      think: between('30ms', '70ms'),
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      async iterate({ http, fake, check }) {
        check(await http.post('/v1/events/publish', { json: fake.priceChanged() }), {
          'is accepted': response => response.ok && hasPlace(response.json<PublishResponse>()),
        })
      },
    }),

    user('speaker', {
      share: 2,
      think: between('50ms', '150ms'),
      begin: ({ ws, vu }) =>
        ws.open<ChatFrame>('/ws/chat', { query: { token: `demo-jwt-token-speaker-${vu.id}` }, reconnect: true }),
      async iterate({ state: socket, fake, vu, check }) {
        const id = fake.id('msg')
        const message = { id, senderId: `speaker-${vu.id}`, text: 'Going once …', sentAt: Date.now() }
        const ack = await socket.request({ action: 'publish', channel: HALL, message }, { type: 'message_ack' })
        check(ack, { 'is about what was said': frame => frame?.id === id })
      },
    }),

    user('reader', {
      share: 125,
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse, check }) {
        for await (const { event } of sse.open('/v1/streams/pricing')) {
          check(event, { 'is a price': ({ event_type }) => event_type === 'price.changed' })
        }
      },
    }),

    user('listener', {
      share: 125,
      begin: ({ ws, vu, check }) =>
        ws.open<ChatFrame>('/ws/chat', {
          query: { token: `demo-jwt-token-listener-${vu.id}` },
          async onOpen(socket) {
            const subscribe = { action: 'subscribe', channel: HALL }
            const joined = await socket.request(subscribe, { type: 'subscription_confirmed' }, { name: 'join' })
            check(joined, { 'is the hall': frame => frame?.channel === HALL })
          },
        }),
      // The harness counts and measures what arrives. The scenario does nothing for it.
      iterate: ({ sleep }) => sleep('1s'),
    }),
  ],

  thresholds: {
    'event_fanout_skew{transport:sse}': ['p(95)<200'],
    'event_fanout_skew{transport:ws}': ['p(95)<200'],
    event_e2e_latency: ['p(99)<500'],
    'http_req_duration{name:/v1/events/publish}': ['p(95)<500'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
