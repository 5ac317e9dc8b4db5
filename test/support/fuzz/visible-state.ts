import type { LedgerReport } from '../../../contract/ledger.ts'
import { authorize } from '../api/identity.ts'
import type { Send } from '../api/send.ts'

const run = { 'x-loadcell-run': 'observer' }

/** Everything that clients can change, as one text, read through the API with separate tokens. */
export async function stateObserver(send: Send, observedRun: string): Promise<() => Promise<string>> {
  const people = await Promise.all((['guest', 'alice'] as const).map(identity => authorize(send, identity)))
  const get = async (path: string, headers: Record<string, string>) => {
    const { status, text } = await send({ method: 'GET', path, headers: { ...run, ...headers } })
    if (status !== 200) throw new Error(`the observer got ${status} for ${path}: ${text}`)
    return text
  }
  // The ledger knows a run from its first request on.
  await send({ method: 'GET', path: '/healthz', headers: { 'x-loadcell-run': observedRun } })
  return async () => {
    const [ledger, ...lists] = await Promise.all([
      get(`/_loadcell/ledger?run=${observedRun}`, {}),
      get('/tasks?limit=100', {}),
      ...people.map(headers => get('/orders?limit=5', headers)),
    ])
    const { events, tokens, reports } = JSON.parse(ledger) as LedgerReport
    const counts = [
      [events.accepted, events.byStream],
      [tokens.issued, tokens.refreshed, tokens.revoked],
      [reports.queued, reports.cancelled],
    ]
    return [JSON.stringify(counts), ...lists].join('\n')
  }
}
