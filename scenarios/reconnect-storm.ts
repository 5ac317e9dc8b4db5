/**
 * All clients lose their connections at once, and all try to reconnect.
 *
 * A load balancer restarts or a deployment is rolled out: all connections break at the same moment, and a server that held them with
 * ease must open them all again. If clients wait for a random part of their back-off (jitter), this takes seconds. If all wait for
 * the same time, they come back as a thundering herd: see `thundering-herd`, the same scenario without jitter. The report draws how
 * many were back when, and says how many came within a tenth of a second.
 *
 * A stream resumes after the last event it saw, so nothing is lost meanwhile; a chat socket subscribes again.
 */
import { between, type ChatFrame, type PublishResponse, type Scenario, scenario, stages, user } from 'loadcell'

/** Tells whether an event was given a place in its stream. */
const hasPlace = ({ event_id, stream, partition, offset, accepted_at }: PublishResponse) =>
  [partition, offset].every(Number.isInteger) && Boolean(event_id && stream && accepted_at)

/** @param jitter share of each back-off that is random. */
export function storm(jitter: number): Scenario {
  return scenario({
    description: `300 streams and sockets are cut at once, and come back with a jitter of ${jitter}.`,

    needs: { duration: '5s', because: 'all clients must reconnect before the run ends' },

    load: { executor: 'ramping-vus', stages: stages('4s → 300', '29s → 300', '1s → 0') },

    // The target cuts the connections on request. Clients cannot distinguish this from a restart.
    disturb: [{ at: '14s', disconnect: 1 }],

    users: [
      user('dashboard', {
        share: 60,
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        // The harness opens a broken stream again. The back-off begins with the `retry` that the stream asked for.
        async iterate({ sse, check }) {
          for await (const { event } of sse.open('/v1/streams/orders', { jitter })) {
            check(event, { 'is an order': ({ event_type }) => event_type.startsWith('order.') })
          }
        },
      }),

      user('member', {
        share: 38,
        async begin({ ws, vu, check }) {
          const channel = `room:${vu.id % 10}`
          return ws.open<ChatFrame>('/ws/chat', {
            query: { token: `demo-jwt-token-member-${vu.id}` },
            // After failed attempts. A client that was cut because of a restart (1012) reconnects at once.
            backoff: '2s',
            jitter,
            // Runs after each opening.
            async onOpen(socket) {
              const joined = await socket.request({ action: 'subscribe', channel }, { type: 'subscription_confirmed' })
              check(joined, { 'is the room that was asked for': frame => frame?.channel === channel })
            },
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
        async iterate({ http, fake, check }) {
          check(await http.post('/v1/events/publish', { json: fake.orderCreated() }), {
            'is accepted': response => response.ok && hasPlace(response.json<PublishResponse>()),
          })
        },
      }),
    ],

    thresholds: {
      reconnects: ['count>0'],
      reconnect_duration: ['p(99)<6000'],
      // Resumed streams miss nothing that was published while they were disconnected.
      'event_gaps{transport:sse}': ['count==0'],
      'event_duplicates{transport:sse}': ['count==0'],
      'event_out_of_order{transport:sse}': ['count==0'],
      // Shops that hold their connection wait while others come back, but not for long.
      http_req_duration: ['p(95)<500', 'p(99)<1500'],
      http_req_failed: ['rate==0'],
      checks: ['rate==1'],
    },
  })
}

export default storm(1)
