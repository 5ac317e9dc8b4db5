import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serveOrders } from './process.ts'

/** The memory that a process holds once all garbage is collected. */
export interface MemoryReading {
  rssBytes: number
  /** Size of the JavaScript objects. */
  heapBytes: number
  /** Size of the memory that they hold outside the heap. */
  externalBytes: number
}

export type MemoryOrder = 'memory'

/** Time for what the collector has found to be let go in later turns of the loop. */
const LETTING_GO_MS = 100

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort'; execution: 'sync' }) => void

/** The child's side: a server tells what it holds whenever it is asked. */
export function serveMemory(): void {
  serveOrders(async (_order: MemoryOrder): Promise<MemoryReading> => {
    for (let times = 0; times < 3; times++) {
      // As when memory runs short: pages that are nearly empty are given back, too.
      collect({ type: 'major', flavor: 'last-resort', execution: 'sync' })
      await sleep(LETTING_GO_MS)
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external }
  })
}
