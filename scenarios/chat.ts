/**
 * People talk in rooms: all members of a room hear what one of them says.
 *
 * One message in a room of twelve makes eleven deliveries, so the load grows with the square of the room: try `--vus 120`. Each message
 * carries the time at which it was sent, so latency is measured from the sender to every single listener. Each room counts its
 * messages, so missing, repeated and reordered ones are found.
 */
import { between, type ChatFrame, scenario, stages, user } from 'loadcell'

const ROOMS = 5
/** In groups of three, so that nobody is alone even among six people. */
const roomOf = (id: number) => `room:${Math.floor(id / 3) % ROOMS}`
const tokenOf = (id: number) => `demo-jwt-token-member-${id}`

export default scenario({
  description: '60 people in five rooms: most talk, some only listen, some look in and read what they missed.',

  load: { executor: 'ramping-vus', stages: stages('4s → 60', '20s → 60', '1s → 0') },

  users: [
    user('talker', {
      share: 4,
      think: between('300ms', '900ms'),
      // A socket opened in `begin` lives as long as its user. If it is cut, it is opened again, and `onOpen` runs again.
      async begin({ ws, vu }) {
        const channel = roomOf(vu.id)
        const socket = await ws.open<ChatFrame>('/ws/chat', {
          query: { token: tokenOf(vu.id) },
          onOpen: socket =>
            socket.request(
              { action: 'subscribe', channel, userId: `member-${vu.id}` },
              { type: 'subscription_confirmed', channel },
            ),
        })
        return { socket, channel }
      },
      async iterate({ state: { socket, channel }, fake, vu, check }) {
        const id = fake.id('msg')
        const message = { id, senderId: `member-${vu.id}`, text: `Anybody here? (${vu.iteration})`, sentAt: Date.now() }
        const ack = await socket.request(
          { action: 'publish', channel, message },
          { type: 'message_ack', id },
          { name: 'publish' },
        )
        check(ack, { 'is acknowledged in its room': frame => frame?.channel === channel })
      },
    }),

    user('listener', {
      share: 2,
      async begin({ ws, vu }) {
        const socket = await ws.open<ChatFrame>('/ws/chat', { query: { token: tokenOf(vu.id) } })
        await socket.request({ action: 'subscribe', channel: roomOf(vu.id) }, { type: 'subscription_confirmed' })
        return socket
      },
      // One long iteration, which ends with the run.
      async iterate({ state: socket, vu, check }) {
        for await (const frame of socket) {
          if (frame.type !== 'message_delivered') continue
          check(frame, { 'was said in our room': ({ channel }) => channel === roomOf(vu.id) })
        }
      },
    }),

    user('visitor', {
      share: 1,
      think: between('500ms', '2s'),
      // A socket opened in an iteration is closed at its end, unless the scenario has closed it.
      async iterate({ ws, vu, random, check }) {
        const channel = `room:${Math.floor(random.next() * ROOMS)}`
        const socket = await ws.open<ChatFrame>('/ws/chat', { query: { token: tokenOf(vu.id) } })
        const history = await socket.request({ action: 'history', channel, limit: 20 }, { type: 'history' })
        check(history, {
          'can read what was said': frame => frame !== undefined,
          'has it in order': frame =>
            frame?.messages.every(({ sequence }, index, all) => sequence === all[0]!.sequence + index) ?? false,
        })
        await socket.close()
      },
    }),
  ],

  thresholds: {
    'ws_req_duration{name:publish}': ['p(95)<100'],
    event_e2e_latency: ['p(99)<250'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    ws_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
