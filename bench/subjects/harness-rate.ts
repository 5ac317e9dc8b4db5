/** The harness in an open model: an iteration at every arrival, evenly spaced. */
import type { LoadReading, RateOrder } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'
import { driveScenario } from './scenario.ts'

serveOrders(
  ({ url, rate, seconds }: RateOrder): Promise<LoadReading> =>
    driveScenario(url, { executor: 'constant-arrival-rate', rate, duration: `${seconds}s` }),
)
sayReady('idle')
