/** The lean engine alone, with a listener that only counts. */
import { systemClock } from '../../core/clock.ts'
import { Connector } from '../../harness/client/engine/connector.ts'
import type { EngineRequest } from '../../harness/client/engine/engine.ts'
import { LeanEngine } from '../../harness/client/engine/lean/engine.ts'
import { AnswerCounter } from '../meters/answer-counter.ts'
import { serveLoad, timed } from '../processes/load.ts'

serveLoad(async ({ url, connections, seconds }) => {
  const { origin, pathname } = new URL(url)
  const pool = new LeanEngine({ clock: systemClock, connector: new Connector({ clock: systemClock }) }).pool(
    origin,
    connections,
  )
  const request: EngineRequest = { method: 'GET', path: pathname, headers: {}, body: null }
  const reading = await timed(async () => {
    const counter = new AnswerCounter()
    const endsAt = performance.now() + seconds * 1000
    const connection = async () => {
      while (performance.now() < endsAt) await new Promise<void>(answered => pool.send(request, counter.with(answered)))
    }
    await Promise.all(Array.from({ length: connections }, connection))
    return { requests: counter.requests, failed: counter.failed }
  })
  await pool.destroy()
  return reading
})
