/**
 * A shop sells, and its customers are told at once: HTTP goes in, WebSockets come out.
 *
 * Published order events reach the sockets of their customers (`notifications.push: on_event`). As in real life, every socket is idle
 * most of the time. What counts is how long a push takes, and what an idle socket costs: for that, try `--vus 2000`.
 */
import { between, type NotificationFrame, type PublishResponse, randomInteger, scenario, user } from 'loadcell'

/** More accounts than customers: events of the other accounts are not pushed. */
const ACCOUNTS = 100

export default scenario({
  description: 'A shop publishes what becomes of orders; customers follow their own over WebSockets.',

  target: { 'notifications.push': 'on_event' },

  load: { executor: 'constant-vus', vus: 60, duration: '25s' },

  users: [
    user('shop', {
      share: 1,
      think: between('20ms', '100ms'),
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      async iterate({ http, fake, random, check }) {
        const order = { order_id: fake.id('ord'), customer_id: randomInteger(random, ACCOUNTS) }
        const paid = { ...order, total: randomInteger(random, 20_000) / 100, currency: 'EUR' }
        const shipped = { ...order, status: 'shipped' }
        for (const event of [fake.event('order.created', paid), fake.event('order.updated', shipped)]) {
          check(await http.post('/v1/events/publish', { json: event }), {
            'is accepted as an order': response => {
              if (!response.ok) return false
              const { event_id, stream, partition, offset, accepted_at } = response.json<PublishResponse>()
              const hasPlace = [partition, offset, accepted_at].every(Number.isFinite)
              return event_id === event.event_id && stream === 'orders' && hasPlace
            },
          })
        }
      },
    }),

    user('customer', {
      share: 5,
      async begin({ ws, auth, vu, check }) {
        await auth.login(`loadtest+${vu.id}@example.com`, 'TestPassword123!')
        const topics = ['orders', 'billing'].map(kind => `account.${vu.id % ACCOUNTS}.${kind}`)
        // The handshake carries the user's token. When it expires, the server closes with 4401, and the harness gets a new one.
        return ws.open<NotificationFrame>('/v1/realtime/notifications', {
          async onOpen(socket) {
            const subscribed = await socket.request({ type: 'subscribe', topics }, { type: 'subscribed' })
            check(subscribed, { 'follows what it asked for': frame => String(frame?.topics) === String(topics) })
          },
        })
      },
      async iterate({ state: socket, check }) {
        const push = await socket.receive(undefined, { timeout: '4s' })
        if (push === undefined) {
          // Nothing came for a while, so check the connection.
          const pong = await socket.request({ type: 'ping', ts: Date.now() }, { type: 'pong' }, { name: 'ping' })
          check(pong, { 'is answered with a pong': frame => frame !== undefined })
        } else {
          check(push, { 'is about what we follow': ({ type }) => type === 'order_update' || type === 'invoice_ready' })
        }
      },
    }),
  ],

  thresholds: {
    // One in a hundred may be slow: users wait for each other if the service stands still.
    'http_req_duration{name:/v1/events/publish}': ['p(99)<500'],
    'ws_connecting{user:customer}': ['p(95)<200'],
    'event_e2e_latency{user:customer}': ['p(99)<250'],
    ws_events: ['count>0'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
