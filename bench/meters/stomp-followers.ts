/** Many followers of one room over STOMP, and one speaker that waits until all have heard the last message. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { writeFrame } from '../../contract/stomp/write-frame.ts'
import { serveRoomFollowers } from './room-followers.ts'

const TOKEN = 'demo-jwt-token-bench'
const ROOM = '/rooms/bench'

serveRoomFollowers({
  async enter(url) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp')
    await once(socket, 'open')
    socket.send(
      writeFrame('CONNECT', { 'accept-version': '1.2', host: 'bench', authorization: `Bearer ${TOKEN}` }, '1.2'),
    )
    await once(socket, 'message')
    return socket
  },
  async follow(socket, heard) {
    socket.on('message', heard)
    socket.send(writeFrame('SUBSCRIBE', { id: '1', destination: ROOM }, '1.2'))
  },
  say(speaker, ordinal) {
    const body = JSON.stringify({ id: `m-${ordinal}`, text: 'x'.repeat(100), sentAt: Date.now() })
    speaker.send(writeFrame('SEND', { destination: ROOM }, '1.2', body))
  },
})
