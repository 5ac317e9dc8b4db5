/** An open model as a first version has it: the right schedule, but setTimeout alone to keep it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { elapsed } from '../load.ts'
import type { LoadReading, RateOrder } from '../load-order.ts'
import { sayReady, serveOrders } from '../process.ts'

serveOrders(async ({ url, rate, seconds }: RateOrder): Promise<LoadReading> => {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { pipelining: 1, allowH2: false })
  const answers: Promise<boolean>[] = []
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  for (let ordinal = 0; ordinal < rate * seconds; ordinal++) {
    const delayMs = startedAt + (ordinal * 1000) / rate - performance.now()
    if (delayMs > 0) await sleep(delayMs)
    answers.push(get(pool, pathname))
  }
  const good = (await Promise.all(answers)).filter(Boolean).length
  const reading = { requests: answers.length, failed: answers.length - good, ...elapsed(startedAt, cpuBefore) }
  await pool.close()
  return reading
})
sayReady('idle')

async function get(pool: Pool, path: string): Promise<boolean> {
  const { statusCode, body } = await pool.request({ path, method: 'GET' })
  await body.dump()
  return statusCode < 400
}
