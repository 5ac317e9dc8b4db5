import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serveOrders } from './process.ts'

/** What a process holds once all garbage is gone. */
export interface MemoryReading {
  rssBytes: number
  /** Of JavaScript's objects. */
  heapBytes: number
  /** Of what they hold outside of the heap. */
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
