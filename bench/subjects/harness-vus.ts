/** The harness as a scenario drives it: users that send one request an iteration and check the answer. */
import type { LoadOrder, LoadReading } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'
import { driveScenario } from './scenario.ts'

serveOrders(
  ({ url, connections, seconds }: LoadOrder): Promise<LoadReading> =>
    driveScenario(url, { executor: 'constant-vus', vus: connections, duration: `${seconds}s` }),
)
sayReady('idle')
