/**
 * Everybody is cut off at once, and everybody wants back in.
 *
 * A load balancer restarts, a deployment goes out: all connections break in the same moment, and a server that held them
 * with ease must now open them all again. Clients that wait for a random part of their back-off (jitter) spread that over
 * seconds; clients that wait for exactly as long as each other come back as a thundering herd: see `thundering-herd`, the
 * same without jitter. The report draws how many were back when, and says how many came within a tenth of a second.
 *
 * A stream resumes after the last event it saw, so nothing is lost meanwhile; a chat socket subscribes again.
 */
import { between, type ChatFrame, type Scenario, scenario, stages, user } from 'loadcell'

/** @param jitter share of each back-off that is random. */
export function storm(jitter: number): Scenario {
  return scenario({
    description: `300 streams and sockets are cut at once, and come back with a jitter of ${jitter}.`,

    needs: { duration: '5s', because: 'everybody has to come back before the run is over' },

    load: { executor: 'ramping-vus', stages: stages('4s → 300', '29s → 300', '1s → 0') },

    // The target does it itself, when it is asked to; its clients cannot tell it from a restart.
    disturb: [{ at: '14s', disconnect: 1 }],

    users: [
      user('dashboard', {
        share: 60,
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        // The harness mends what breaks; the back-off begins with the `retry` that the stream itself asked for.
        async iterate({ sse, check }) {
          for await (const { event } of sse.open('/v1/streams/orders', { jitter })) {
            check(event, { 'is an order': ({ event_type }) => event_type.startsWith('order.') })
          }
        },
      }),

      user('member', {
        share: 38,
        async begin({ ws, vu }) {
          const channel = `room:${vu.id % 10}`
          return ws.open<ChatFrame>('/ws/chat', {
            query: { token: `demo-jwt-token-member-${vu.id}` },
            // For failed attempts. A client that was cut for a restart (1012) comes back at once.
            backoff: '2s',
            jitter,
            // After each opening, the first and every other.
            onOpen: socket => socket.request({ action: 'subscribe', channel }, { type: 'subscription_confirmed' }),
          })
        },
        async iterate({ state: socket, fake, vu, sleep }) {
          await socket.send({
            action: 'publish',
            channel: `room:${vu.id % 10}`,
            message: { id: fake.id('msg'), senderId: `member-${vu.id}`, text: 'Still here?', sentAt: Date.now() },
          })
          await sleep('4s')
        },
      }),

      user('shop', {
        share: 2,
        think: between('50ms', '150ms'),
        begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
        iterate: ({ http, fake }) => http.post('/v1/events/publish', { json: fake.orderCreated() }),
      }),
    ],

    thresholds: {
      reconnects: ['count>0'],
      reconnect_duration: ['p(99)<6000'],
      // Resumed streams miss nothing, whatever was published while they were away.
      'event_gaps{transport:sse}': ['count==0'],
      'event_duplicates{transport:sse}': ['count==0'],
      http_req_failed: ['rate==0'],
      checks: ['rate==1'],
    },
  })
}

export default storm(1)
