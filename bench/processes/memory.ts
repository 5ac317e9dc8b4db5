import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Child, serveOrders } from './process.ts'

/** Memory of a process after a full garbage collection. */
export interface MemoryReading {
  rssBytes: number
  /** Size of the JavaScript objects. */
  heapBytes: number
  /** Size of the buffers that these objects hold outside the heap. */
  externalBytes: number
}

/** Time for later turns of the event loop to release what was collected. */
const RELEASE_MS = 100

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort'; execution: 'sync' }) => void

/** Called in a server: answers each order with the memory it holds. */
export function serveMemory(): void {
  serveOrders(async (): Promise<MemoryReading> => {
    for (let times = 0; times < 3; times++) {
      // The last resort, as if memory ran short, returns even pages that are nearly empty.
      collect({ type: 'major', flavor: 'last-resort', execution: 'sync' })
      await sleep(RELEASE_MS)
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external }
  })
}

/** Returns the KB that each connection takes, from one index in `sizes` to another. */
export function perConnection(
  held: readonly MemoryReading[],
  sizes: readonly number[],
  what: keyof MemoryReading,
  from: number,
  to: number,
): number {
  const grown = (held[to]?.[what] ?? Number.NaN) - (held[from]?.[what] ?? Number.NaN)
  return grown / ((sizes[to] ?? Number.NaN) - (sizes[from] ?? Number.NaN)) / 1024
}

export function readMemory(server: Child): Promise<MemoryReading> {
  return server.ask('memory')
}
