/** The engine of one version of HTTP alone, with a listener that only counts. Its argument says which, and whom it trusts. */
import { systemClock } from '../../core/clock.ts'
import { Connector } from '../../harness/client/engine/connector.ts'
import type { EngineRequest } from '../../harness/client/engine/engine.ts'
import { createEngine } from '../../harness/client/engine/engines.ts'
import type { HttpVersion } from '../../harness/scenario/http-version.ts'
import { AnswerCounter } from '../meters/answer-counter.ts'
import { serveLoad, timed } from '../processes/load.ts'
import { childArgument } from '../processes/process.ts'

const { version, ca } = childArgument() as { version: HttpVersion; ca?: string }
const network = ca === undefined ? {} : { tls: { ca } }
const connector = new Connector({ clock: systemClock, network })

serveLoad(async ({ url, connections, seconds }) => {
  const { origin, pathname } = new URL(url)
  const pool = createEngine('lean', { clock: systemClock, connector, version }).pool(origin)
  const request: EngineRequest = { method: 'GET', path: pathname, headers: {}, body: null }
  const reading = await timed(async () => {
    const counter = new AnswerCounter()
    const endsAt = performance.now() + seconds * 1000
    const user = async () => {
      while (performance.now() < endsAt) await new Promise<void>(answered => pool.send(request, counter.with(answered)))
    }
    await Promise.all(Array.from({ length: connections }, user))
    return { requests: counter.requests, failed: counter.failed }
  })
  await pool.destroy()
  return reading
})
