import autocannon from 'autocannon'
import { elapsed } from '../load.ts'
import type { LoadOrder, LoadReading } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'

serveOrders(async ({ url, connections, seconds }: LoadOrder): Promise<LoadReading> => {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const result = await autocannon({ url, connections, duration: seconds, pipelining: 1 })
  return { requests: result['2xx'], failed: result.non2xx + result.errors, ...elapsed(startedAt, cpuBefore) }
})
sayReady('idle')
