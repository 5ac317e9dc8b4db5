/** A server that records when requests for `/arrival` come in: the schedule as the other end sees it. All get the same answer. */
import { createServer } from 'node:net'
import { listen, serveOrders } from '../processes/process.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
const FIRST_LETTER_OF_PATH = 'GET /'.length
let arrivals: number[] = []

/** Answers each order with the times of all arrivals since the last, in ms. */
serveOrders((): Promise<number[]> => {
  const taken = arrivals
  arrivals = []
  return Promise.resolve(taken)
})

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    // A connection carries one small request at a time, so each chunk is one.
    socket.on('data', chunk => {
      const at = performance.now()
      if (chunk[FIRST_LETTER_OF_PATH] === 'a'.charCodeAt(0)) arrivals.push(at)
      socket.write(answer)
    })
  }),
)
