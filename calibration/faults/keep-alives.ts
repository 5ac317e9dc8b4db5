import { parseTarget } from '../../harness/client/address/target.ts'
import { Connector } from '../../harness/client/engine/connector.ts'
import { UndiciEngine } from '../../harness/client/engine/undici/engine.ts'
import { fetchText } from '../../harness/client/http/fetch-text.ts'
import type { ControlPlane } from '../../harness/control/control-plane.ts'
import { type CheckOptions, ruleReport } from '../trial.ts'

const KEEP_ALIVE = ': keep-alive'
/** Keep-alives that every unmuted stream must have received. */
const ENOUGH = 2
const POLL_MS = 20
const LONGEST_MS = 30_000

/**
 * Follows silent streams and returns the number of muted ones. It reads bytes, because consumers of the harness do not see comments.
 * A stream is muted if it has no keep-alive when all others have some; the rule's report says how many others there are.
 */
export async function countMuted(
  { targetUrl, clock, connections }: CheckOptions,
  ruleId: string,
  control: ControlPlane,
): Promise<number> {
  const { origin } = parseTarget(targetUrl)
  const engine = new UndiciEngine({ connector: new Connector({ clock }) })
  const authorization = `Bearer ${await tokenOf(engine, origin)}`
  const heard = Array.from({ length: connections }, () => 0)
  const streams = heard.map((_, at) => {
    const headers = { authorization, 'x-fault': ruleId, 'x-loadcell-exchange': `${ruleId}-${at}` }
    const request = { method: 'GET', path: '/v1/streams/silent', headers, body: null }
    return engine.sendAlone(origin, request, {
      onSend() {},
      onHead() {},
      onData(chunk) {
        heard[at]! += String(chunk).split(KEEP_ALIVE).length - 1
      },
      onEnd() {},
      onFailure() {},
    })
  })
  const deadline = clock.now() + LONGEST_MS
  for (;;) {
    const { matched, injected } = await ruleReport(control, ruleId)
    const unmuted = heard.filter(count => count >= ENOUGH).length
    if ((matched >= connections && unmuted >= connections - injected) || clock.now() > deadline) break
    await clock.sleep(POLL_MS)
  }
  for (const stream of streams) stream.abort()
  return heard.filter(count => count === 0).length
}

async function tokenOf(engine: UndiciEngine, origin: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'notification-dashboard',
    client_secret: 'consumer-secret',
    scope: 'streams.read',
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method: 'POST', path: '/oauth/token', headers, body: Buffer.from(form.toString()) }
  const { text } = await fetchText(listener => engine.sendAlone(origin, request, listener))
  return (JSON.parse(text) as { access_token: string }).access_token
}
