/**
 * The library of Socket.IO alone: a room, to which it emits what one client says. It has no tokens, limits, budgets, history, faults or
 * ledger.
 */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { serveMemory } from '../processes/memory.ts'
import { listen } from '../processes/process.ts'

const server = createServer()
const io = new Server(server, { serveClient: false })
let sequence = 0
io.of('/chat').on('connection', socket => {
  socket.on('subscribe', async ({ channel }: { channel: string }, acknowledge?: (answer: object) => void) => {
    await socket.join(channel)
    acknowledge?.({ type: 'subscription_confirmed' })
  })
  socket.on('publish', ({ channel, message }: { channel: string; message: object }) => {
    sequence += 1
    socket.to(channel).emit('message_delivered', { type: 'message_delivered', channel, sequence, message })
  })
})
serveMemory()
listen(server)
