/** Publishers that go on while others are cut off. */
import { type ChatFrame, scenario, user } from 'loadcell'

export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '25s' },
  users: [
    user('shop', {
      pacing: '50ms',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      iterate: ({ http, fake }) => http.post('/v1/events/publish', { json: fake.orderCreated() }),
    }),
    user('speaker', {
      pacing: '50ms',
      begin: ({ ws }) => ws.open<ChatFrame>('/ws/chat', { query: { token: 'demo-jwt-token-speaker' } }),
      async iterate({ state: socket, fake }) {
        const message = { id: fake.id('msg'), senderId: 'speaker', text: 'Can you hear me?', sentAt: Date.now() }
        await socket.request({ action: 'publish', channel: 'room:lobby', message }, { type: 'message_ack' })
      },
    }),
  ],
})
