import type { Server, Socket } from 'node:net'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import type { Clock } from '../../core/clock.ts'

/** Estimate for an open, idle connection, measured and rounded up. */
const CONNECTION_BYTES = 8192
/** Share of the memory budget that connections may use before new ones are closed unread. */
const CONNECTIONS_SHARE = 0.5

/**
 * Counts open connections against the memory budget. When the budget is spent, requests are refused with an answer. Only if
 * connections use most of the budget, new ones are closed without an answer.
 */
export function countConnections(server: Server, budget: MemoryBudget): void {
  const memory: MemoryTable = budget.table('connections')
  function gone(this: Socket): void {
    memory.release(CONNECTION_BYTES)
  }
  server.on('connection', (socket: Socket) => {
    memory.charge(CONNECTION_BYTES)
    socket.once('close', gone)
    if (!budget.isSpent || memory.bytes < CONNECTIONS_SHARE * budget.limitBytes) return
    budget.refused += 1
    socket.destroy()
  })
}

/** Returns the number of connections that count against the budget. */
export function openConnections(budget: MemoryBudget): number {
  return budget.table('connections').bytes / CONNECTION_BYTES
}

/** Limits of the unwanted input that is read from a client so that it can read its answer. */
export interface LingerLimits {
  bytes: number
  ms: number
}

/** Set on a connection whose input is read and discarded until it ends. */
export const lingers: unique symbol = Symbol('lingers')

declare module 'fastify' {
  interface FastifyInstance {
    /** Closes a connection in a way that lets its client read what was written to it. */
    lingerOn: (socket: Socket) => void
  }
}

declare module 'node:net' {
  interface Socket {
    [lingers]?: true
  }
}

/**
 * Closes a connection in a way that lets the client read its answer. A socket that is closed with unread input sends a reset,
 * and the client then loses what it has not read yet. Therefore this side ends first, and the input is discarded until the
 * client ends too, sends too much, or takes too long.
 */
export function linger(socket: Socket, { bytes: mostBytes, ms }: LingerLimits, clock: Clock): void {
  if (socket[lingers] || socket.destroyed) return
  socket[lingers] = true
  let bytes = 0
  // The HTTP parser must not see the rest.
  socket.removeAllListeners('data')
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) socket.destroy()
  })
  socket.on('error', () => {})
  socket.end()
  socket.resume()
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  void clock.sleep(ms, closed.signal).then(() => socket.destroy())
}
