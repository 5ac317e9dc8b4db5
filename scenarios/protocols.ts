/**
 * One room, heard over five protocols side by side: WebSocket with plain JSON, GraphQL, Socket.IO, STOMP and gRPC.
 *
 * The same speakers talk to all. Each listener follows the room in its own protocol, and checks that no number of the room's sequence is
 * missing: the five are doors to one truth. What differs is the price. Compare `message_age` by protocol for the time, and `bytes_heard`
 * for what one message takes on the wire: the words of the message are the same, and the rest is the protocol.
 *
 * The difference between them is small against that between two networks, so a protocol is seldom chosen for its speed. It is chosen for
 * what it brings: reconnection with recovery (Socket.IO), acknowledgements (STOMP), a choice of fields (GraphQL), types and deadlines
 * (gRPC), or nothing to learn (JSON).
 */
import { between, type ChatFrame, counter, rate, scenario, trend, user } from 'loadcell'

const protocols = ['websocket', 'graphql', 'socketio', 'stomp', 'grpc'] as const
type Protocol = (typeof protocols)[number]

const messageAge = trend('message_age', { tags: ['protocol'], description: 'Time from a message to its listener.' })
const inOrder = rate('in_order', { tags: ['protocol'], description: 'Messages that follow the one before.' })
const bytesHeard = counter('bytes_heard', {
  unit: 'bytes',
  tags: ['protocol'],
  description: 'Size of the messages as their listeners got them, as JSON where the wire has none.',
})

const ROOM = 'room:everybody'
const token = (name: string) => `demo-jwt-token-${name}`

/** A message as a listener sees it, whatever brought it. */
interface Heard {
  sequence: number
  sentAt: number
  /** The whole content of its frame. */
  content: unknown
}

interface GraphqlMessage {
  messages: { sequence: number; sentAt: number }
}
interface GrpcItem {
  message?: { sequence: number; json: string }
}

const FOLLOW = `subscription Follow { messages(channel: "${ROOM}") { channel sequence id text sentAt } }`

export default scenario({
  description: 'One room over WebSocket, GraphQL, Socket.IO, STOMP and gRPC: the same messages, side by side.',

  target: { 'graphql.enabled': true, 'socketio.enabled': true, 'stomp.enabled': true, 'grpc.enabled': true },
  load: { executor: 'constant-vus', vus: 12, duration: '20s' },
  metrics: [messageAge, inOrder, bytesHeard],

  users: [
    user('speaker', {
      think: between('50ms', '150ms'),
      async begin({ ws, vu }) {
        return { socket: await ws.open<ChatFrame>('/ws/chat', { query: { token: token(`speaker-${vu.id}`) } }) }
      },
      async iterate({ state, vu, fake, check }) {
        const id = fake.id('msg')
        const message = { id, text: `Can everybody hear ${vu.id}?`, sentAt: Date.now() }
        const ack = await state.socket.request(
          { action: 'publish', channel: ROOM, message },
          { type: 'message_ack', id },
        )
        check(ack, { 'is acknowledged': frame => frame !== undefined })
      },
    }),

    ...protocols.map(protocol =>
      user(protocol, {
        begin: ({ auth }) => auth.bearer(token(protocol)),
        // One long iteration, which ends with the run.
        async iterate({ ws, graphql, socketio, stomp, grpc, record }) {
          const listeners: Record<Protocol, () => AsyncIterable<Heard>> = {
            async *websocket() {
              const socket = await ws.open<ChatFrame>('/ws/chat', { name: protocol })
              await socket.request({ action: 'subscribe', channel: ROOM }, { type: 'subscription_confirmed' })
              for await (const frame of socket) {
                if (frame.type !== 'message_delivered') continue
                yield { sequence: frame.sequence, sentAt: Number(frame.message.sentAt), content: frame }
              }
            },
            async *graphql() {
              for await (const result of graphql.subscribe<GraphqlMessage>(FOLLOW, { over: 'ws', name: protocol })) {
                if (result.data != null) yield { ...result.data.messages, content: result }
              }
            },
            async *socketio() {
              const connection = await socketio.open('/chat', { name: protocol })
              await connection.follow({ channel: ROOM })
              for await (const { event, args, data } of connection) {
                if (event !== 'message_delivered') continue
                const { sequence, message } = data as { sequence: number; message: { sentAt: number } }
                yield { sequence, sentAt: message.sentAt, content: [event, ...args] }
              }
            },
            async *stomp() {
              const connection = await stomp.open('/stomp', { name: protocol })
              for await (const { headers, body } of await connection.subscribe(`/rooms/${ROOM}`)) {
                const { sentAt } = JSON.parse(body) as { sentAt: number }
                yield { sequence: Number(headers['sequence']), sentAt, content: { headers, body } }
              }
            },
            async *grpc() {
              const call = await grpc.stream<GrpcItem>('loadcell.v1.Chat/Converse', undefined, { name: protocol })
              await call.send({ join: { channel: ROOM } })
              for await (const { message } of call) {
                if (message == null) continue
                const { sentAt } = JSON.parse(message.json) as { sentAt: number }
                yield { sequence: message.sequence, sentAt, content: message }
              }
            },
          }

          let last: number | undefined
          for await (const { sequence, sentAt, content } of listeners[protocol]()) {
            record(messageAge, Math.max(0, Date.now() - sentAt), { protocol })
            record(inOrder, last === undefined || sequence === last + 1, { protocol })
            record(bytesHeard, Buffer.byteLength(JSON.stringify(content)), { protocol })
            last = sequence
          }
        },
      }),
    ),
  ],

  // The summary has a table of the metrics by protocol. These are what must hold.
  thresholds: {
    ...Object.fromEntries(protocols.map(protocol => [`message_age{protocol:${protocol}}`, ['p(95)<250']])),
    ...Object.fromEntries(protocols.map(protocol => [`in_order{protocol:${protocol}}`, ['rate==1']])),
    ...Object.fromEntries(protocols.map(protocol => [`bytes_heard{protocol:${protocol}}`, ['count>0']])),
    http_req_failed: ['rate==0'],
    ws_req_failed: ['rate==0'],
    event_duplicates: ['count==0'],
    checks: ['rate==1'],
  },
})
