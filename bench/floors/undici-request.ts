/** The call that a script without a harness makes: a request, its body read, nothing measured. */
import { Pool } from 'undici'
import { driveConnections } from '../load.ts'
import type { LoadOrder, LoadReading } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'

serveOrders(async (order: LoadOrder): Promise<LoadReading> => {
  const { origin, pathname } = new URL(order.url)
  const pool = new Pool(origin, { connections: order.connections, pipelining: 1, allowH2: false })
  const reading = await driveConnections(order, async () => {
    const { statusCode, body } = await pool.request({ path: pathname, method: 'GET' })
    await body.text()
    return statusCode < 400
  })
  await pool.close()
  return reading
})
sayReady('idle')
