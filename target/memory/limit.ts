import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/**
 * Shares of the limits that the budget may use. Its entries lie on V8's heap (text) or outside it (buffers). The rest is for
 * code, uncollected garbage, and the kernel's socket buffers.
 */
const HEAP_SHARE = 0.3
const MACHINE_SHARE = 0.15
const MEGABYTE = 1_048_576

/** Returns the budget in bytes: the configured one, or, if that is 0, a share of what this process may use. */
export function budgetBytes(configured: number): number {
  if (configured > 0) return configured
  // Without a limit, cgroups report more than any machine has. libuv reads both versions of cgroups.
  const machineBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  return Math.floor(Math.min(heapBytes() * HEAP_SHARE, machineBytes * MACHINE_SHARE))
}

/** Returns the limit of V8's old space. The heap limit that V8 reports includes the young space, which matters on a small heap. */
function heapBytes(): number {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ')
  const [, oldSpaceMb] = /--max[-_]old[-_]space[-_]size=(\d+)/.exec(flags) ?? []
  return oldSpaceMb === undefined ? getHeapStatistics().heap_size_limit : Number(oldSpaceMb) * MEGABYTE
}
