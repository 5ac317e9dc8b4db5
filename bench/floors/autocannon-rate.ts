import autocannon from 'autocannon'
import { elapsed } from '../load.ts'
import type { LoadReading, RateOrder } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'

serveOrders(async ({ url, rate, seconds }: RateOrder): Promise<LoadReading> => {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const result = await autocannon({ url, connections: Math.min(rate, 50), duration: seconds, overallRate: rate })
  return { requests: result['2xx'], failed: result.non2xx + result.errors, ...elapsed(startedAt, cpuBefore) }
})
sayReady('idle')
