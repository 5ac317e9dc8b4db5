/** Many followers of one room over graphql-transport-ws, and one speaker that waits until all have heard the last message. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { serveRoomFollowers } from './room-followers.ts'

const TOKEN = 'demo-jwt-token-bench'
const FOLLOW = 'subscription Room { messages(channel: "bench") { channel sequence text sentAt } }'
const SPEAK = 'mutation Say($m: ChatMessageInput!) { sendMessage(channel: "bench", message: $m) { sequence } }'

serveRoomFollowers({
  async enter(url) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql/subscriptions`, 'graphql-transport-ws')
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN}` } }))
    await once(socket, 'message')
    return socket
  },
  follow(socket, heard) {
    socket.on('message', heard)
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW } }))
    return Promise.resolve()
  },
  say(speaker, ordinal) {
    const variables = { m: { id: `m-${ordinal}`, text: 'x'.repeat(100), sentAt: Date.now() } }
    speaker.send(JSON.stringify({ id: `m-${ordinal}`, type: 'subscribe', payload: { query: SPEAK, variables } }))
  },
})
