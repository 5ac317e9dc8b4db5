/** Listeners on the far side of a network that is cut: streams that begin with the first event, and members of a room. */
import { type ChatFrame, scenario, user } from 'loadcell'

export default scenario({
  load: { executor: 'constant-vus', vus: 8, duration: '45s' },
  users: [
    user('reader', {
      share: 6,
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse }) {
        for await (const _ of sse.open('/v1/streams/orders?from=earliest'));
      },
    }),
    user('member', {
      share: 2,
      begin: ({ ws, vu }) =>
        ws.open<ChatFrame>('/ws/chat', {
          query: { token: `demo-jwt-token-member-${vu.id}` },
          onOpen: socket =>
            socket.request({ action: 'subscribe', channel: 'room:lobby' }, { type: 'subscription_confirmed' }),
        }),
      async iterate({ state: socket }) {
        for await (const _ of socket);
      },
    }),
  ],
})
