import type { Snapshot } from '../metrics/snapshot.ts'
import type { HostRow } from './run-result.ts'

/** Returns a row for each other server that the scenario declares. */
export function hostRows(hosts: readonly { name: string }[], snapshot: Snapshot): HostRow[] {
  return hosts.map(({ name }) => ({
    name,
    requests: snapshot.total('http_reqs', { host: name }),
    failedRequests: snapshot.hits('http_req_failed', { host: name }),
  }))
}
