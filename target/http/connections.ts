import type { Server, Socket } from 'node:net'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'

/** Estimate for an open, idle connection, measured and rounded up. */
const CONNECTION_BYTES = 8192
/** Connections may take this share of the memory budget before any is turned away unread. */
const CONNECTIONS_SHARE = 0.5

/**
 * Counts open connections against the memory budget. When that is spent, requests are refused one by one, and counted; only when it is
 * connections that have spent it are new ones closed without a word.
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
