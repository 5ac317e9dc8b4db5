/** Many followers of one room over Socket.IO, and one speaker that waits until all have heard the last message. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { connectPacket, emitPacket } from '../../contract/socketio/packet.ts'
import { serveRoomFollowers } from './room-followers.ts'

const TOKEN = 'demo-jwt-token-bench'
const [NAMESPACE, ROOM] = ['/chat', 'bench']

serveRoomFollowers({
  async enter(url) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    await once(socket, 'message')
    socket.send(connectPacket(NAMESPACE, { token: TOKEN }))
    await once(socket, 'message')
    return socket
  },
  async follow(socket, heard) {
    socket.send(emitPacket(NAMESPACE, 'subscribe', [{ channel: ROOM }], 1))
    await once(socket, 'message')
    socket.on('message', (data: Buffer) => {
      // Pings are not heard.
      if (data.length < 2) return socket.send('3')
      heard()
    })
  },
  say(speaker, ordinal) {
    const message = { id: `m-${ordinal}`, text: 'x'.repeat(100), sentAt: Date.now() }
    speaker.send(emitPacket(NAMESPACE, 'publish', [{ channel: ROOM, message }], ordinal))
  },
})
