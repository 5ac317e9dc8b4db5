import type { Server, Socket } from 'node:net'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'

/** Estimate for an open, idle connection, measured and rounded up. */
const CONNECTION_BYTES = 8192
/** Share of the memory budget that connections may use before new ones are closed unread. */
const CONNECTIONS_SHARE = 0.5

/**
 * Counts open connections against the memory budget. When the budget is spent, requests are refused with an answer. New
 * connections are closed without one only if connections themselves use most of the budget.
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
