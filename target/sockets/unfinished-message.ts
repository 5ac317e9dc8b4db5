import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { MemoryTable } from '../memory/budget.ts'

/** Maximum number of fragments of a message. The library's own limit would let one message take megabytes for its pieces. */
export const MOST_FRAGMENTS = 1024
/** Estimate for a fragment without its payload, measured and rounded up. */
const FRAGMENT_BYTES = 120
/** Size of the smallest fragment on the wire. */
const LEAST_WIRE_BYTES = 6
/** Estimate for each read from the socket, measured and rounded up. */
const PIECE_BYTES = 512

/**
 * Charges the budget for a message that has only arrived in part. The library keeps the parts until the message is complete, or the
 * socket closes.
 * @param onNoRoom called when the budget has no room for more of the message
 */
export function chargeUnfinishedMessage(
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
  // Before the library reads the bytes: they may complete the message, and that clears the charge.
  socket.prependListener('data', (bytes: Buffer) => {
    wireBytes += bytes.length
    pieces += 1
    const fragments = Math.min(wireBytes / LEAST_WIRE_BYTES, MOST_FRAGMENTS)
    const estimate = wireBytes + Math.ceil(fragments) * FRAGMENT_BYTES + pieces * PIECE_BYTES
    if (memory.tryCharge(estimate - chargedBytes)) chargedBytes = estimate
    else onNoRoom()
  })
  webSocket.on('message', clear)
  socket.once('close', clear)
}
