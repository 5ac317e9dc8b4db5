import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/**
 * Shares that the budget may take. What it counts may lie on V8's heap, as text does, or outside of it, as buffers do; the rest is for
 * the code, for garbage that waits to be collected, and for what the kernel keeps of sockets.
 */
const HEAP_SHARE = 0.3
const MACHINE_SHARE = 0.15
const MEGABYTE = 1_048_576

/** The budget in bytes: as configured, or from what this process may take if that is 0. */
export function budgetBytes(configured: number): number {
  if (configured > 0) return configured
  // Without a limit, cgroups give more than any machine has; libuv reads both versions of them.
  const machineBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  return Math.floor(Math.min(heapBytes() * HEAP_SHARE, machineBytes * MACHINE_SHARE))
}

/** What V8 may take for objects that stay. Its own limit includes room for young ones, which a small heap has none to spare of. */
function heapBytes(): number {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ')
  const [, oldSpaceMb] = /--max[-_]old[-_]space[-_]size=(\d+)/.exec(flags) ?? []
  return oldSpaceMb === undefined ? getHeapStatistics().heap_size_limit : Number(oldSpaceMb) * MEGABYTE
}
