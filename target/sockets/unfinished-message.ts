import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { MemoryTable } from '../memory/budget.ts'

/** Most fragments of a message. The library's own limit would let one message take megabytes for its pieces. */
export const MOST_FRAGMENTS = 1024
/** What a fragment takes besides its payload, and the fewest bytes of one on the wire. */
const FRAGMENT_BYTES = 120
const LEAST_WIRE_BYTES = 6
/** What a piece of a message takes that came by itself. */
const PIECE_BYTES = 512

/**
 * Counts what a client has sent of a message that is not complete yet: the library keeps it until it is, or until the socket closes.
 * @param onNoRoom told when there is no memory for more of it
 */
export function countUnfinishedMessage(
  webSocket: WebSocket,
  socket: Socket,
  memory: MemoryTable,
  onNoRoom: () => void,
): void {
  let [wireBytes, pieces, chargedBytes] = [0, 0, 0]
  const clear = () => {
    if (chargedBytes > 0) memory.release(chargedBytes)
    wireBytes = pieces = chargedBytes = 0
  }
  // Before the library reads it: by then it is known whether it completes a message.
  socket.prependListener('data', (bytes: Buffer) => {
    wireBytes += bytes.length
    pieces += 1
    const fragments = Math.min(wireBytes / LEAST_WIRE_BYTES, MOST_FRAGMENTS)
    const takes = wireBytes + Math.ceil(fragments) * FRAGMENT_BYTES + pieces * PIECE_BYTES
    if (memory.tryCharge(takes - chargedBytes)) chargedBytes = takes
    else onNoRoom()
  })
  webSocket.on('message', clear)
  socket.once('close', clear)
}
