/** Notes when requests for `/arrival` come in and answers the same bytes to each: the schedule as the other end sees it. */
import { createServer } from 'node:net'
import { listen, serveOrders } from '../process.ts'

/** A new measurement begins; or: the times of all arrivals since, in ms. */
export type ArrivalsOrder = 'clear' | 'take'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
const FIRST_LETTER_OF_PATH = 'GET /'.length
let arrivals: number[] = []

serveOrders((order: ArrivalsOrder): Promise<number[]> => {
  const taken = arrivals
  arrivals = []
  return Promise.resolve(order === 'take' ? taken : [])
})

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    // A connection carries one small request at a time, which is one chunk.
    socket.on('data', chunk => {
      const at = performance.now()
      if (chunk[FIRST_LETTER_OF_PATH] === 'a'.charCodeAt(0)) arrivals.push(at)
      socket.write(answer)
    })
  }),
)
