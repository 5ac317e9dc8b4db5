import { Connector } from '../../harness/client/engine/connector.ts'
import { DEFAULT_ENGINE } from '../../harness/client/engine/engine-names.ts'
import { createEngine } from '../../harness/client/engine/engines.ts'
import type { Engine } from '../../harness/client/engine/engine.ts'
import { fetchText, NoResponse } from '../../harness/client/http/fetch-text.ts'
import { type CheckRow, exactRow, shareRow } from '../check-row.ts'
import { type CheckOptions, ruleReport, withRules } from '../trial.ts'
import { type HandshakeFaultCase, handshakeFaultCases } from './handshake-fault-cases.ts'

const SHARE = 0.5

/**
 * Checks every fault of handshakes: the affected share, and what the rule and the client say. One after another, because a rule of
 * handshakes has no match. The target needs TLS, and the options a network that trusts it.
 */
export async function checkHandshakeFaults(options: CheckOptions): Promise<CheckRow[]> {
  const { clock, network, engine = DEFAULT_ENGINE } = options
  const connector = new Connector({ clock, network })
  const client = createEngine(engine, { clock, connector })
  const rows: CheckRow[] = []
  for (const tested of handshakeFaultCases) rows.push(...(await check(tested, client, options)))
  return rows
}

async function check(tested: HandshakeFaultCase, client: Engine, options: CheckOptions): Promise<CheckRow[]> {
  const { name, id, fault, refusal } = tested
  const { connections, level, targetUrl, stop } = options
  return withRules(options, [{ id, fault, share: SHARE }], async control => {
    let refused = 0
    for (let count = 0; count < connections; count += 1) {
      stop?.throwIfAborted()
      const words = await refusalOf(client, targetUrl)
      if (refusal?.test(words) === true) refused += 1
    }
    const report = await ruleReport(control, id)
    const [told, seen] =
      refusal === undefined
        ? (['delays of the rule’s report', report.delay?.planned.count ?? 0] as const)
        : (['refusals of the client', refused] as const)
    return [
      exactRow(`${name}: connections that the rule matched`, connections, report.matched),
      shareRow(`${name}: observed share`, SHARE, report, level),
      exactRow(`${name}: injected, and ${told}`, report.injected, seen),
    ]
  })
}

/** Sends a request on a connection of its own. Returns why its handshake failed; '' if it did not. */
async function refusalOf(client: Engine, targetUrl: string): Promise<string> {
  const request = { method: 'GET', path: '/healthz', headers: {}, body: null }
  try {
    await fetchText(listener => client.sendAlone(new URL(targetUrl).origin, request, listener))
    return ''
  } catch (error) {
    if (error instanceof NoResponse && error.failure.reason === 'tls') return error.failure.example
    throw error
  }
}
