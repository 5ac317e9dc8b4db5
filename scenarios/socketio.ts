/**
 * The price of long polling: the same room, heard over Socket.IO by clients that poll and by clients with a WebSocket.
 *
 * A poll is a request that waits until there is something to say. Its answer carries all that has come, and the client polls again. So
 * every few messages cost a whole request with its headers, and what comes between two polls waits for the next one: compare
 * `message_age` of both. If you speak more often, one poll carries more messages, and each costs less: a client polls no more often than the
 * way to the target and back allows.
 *
 * Clients begin by polling and upgrade to WebSocket where it works. Behind a proxy that does not let it through, they go on polling, and
 * nobody notices but the servers: `http_reqs` of the room is the load that they get.
 */
import { between, scenario, trend, user } from 'loadcell'

const messageAge = trend('message_age', { tags: ['over'], description: 'Time from a message to its listener.' })
const messagesAtOnce = trend('messages_at_once', {
  unit: 'count',
  tags: ['over'],
  description: 'Messages that came together.',
})

interface Heard {
  sequence: number
  message: { sentAt: number }
}

const ROOM = { channel: 'lobby' }

const listener = (transport: 'polling' | 'websocket') =>
  user(transport === 'polling' ? 'poller' : 'listener', {
    async begin({ auth, socketio, vu }) {
      auth.bearer(`demo-jwt-token-${transport}-${vu.id}`)
      const room = await socketio.open('/chat', { transport, name: transport })
      await room.follow(ROOM)
      return { room }
    },
    // One long iteration, which ends with the run.
    async iterate({ state, record }) {
      let [together, lastAt] = [0, 0]
      for await (const { event, data } of state.room) {
        if (event !== 'message_delivered') continue
        const now = Date.now()
        record(messageAge, Math.max(0, now - (data as Heard).message.sentAt), { over: transport })
        if (together > 0 && now > lastAt) {
          record(messagesAtOnce, together, { over: transport })
          together = 0
        }
        together += 1
        lastAt = now
      }
    },
  })

export default scenario({
  description: 'One room over Socket.IO: listeners that poll, and listeners with a WebSocket.',

  target: { 'socketio.enabled': true },
  load: { executor: 'constant-vus', vus: 15, duration: '20s' },
  metrics: [messageAge, messagesAtOnce],

  users: [
    user('speaker', {
      think: between('20ms', '60ms'),
      async begin({ auth, socketio, vu }) {
        auth.bearer(`demo-jwt-token-speaker-${vu.id}`)
        return { room: await socketio.open('/chat', { name: 'speaker' }) }
      },
      async iterate({ state, vu, check }) {
        const message = { id: `${vu.id}-${vu.iteration}`, text: 'hello', sentAt: Date.now() }
        const ack = await state.room.emitWithAck<{ sequence?: number }>('publish', { ...ROOM, message })
        check(ack, { 'the message has a place': answer => Number(answer?.sequence) > 0 })
      },
    }),
    listener('polling'),
    listener('websocket'),
  ],

  thresholds: {
    http_req_failed: ['rate==0'],
    ws_req_failed: ['rate==0'],
    'message_age{over:polling}': ['p(95)<500'],
    'message_age{over:websocket}': ['p(95)<250'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})
