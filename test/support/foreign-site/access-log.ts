import type { RunResult } from '../../../harness/results/run-result.ts'

/** One request, as the log of a server has it. */
export interface LoggedRequest {
  server: 'site' | 'api'
  method: string
  path: string
  status: number
  /** Bytes of its body and of that of its response, on the wire. */
  received: number
  sent: number
  /** Names of its headers that tell of Loadcell, and of its cookies. */
  tells: string[]
  cookies: string[]
}

interface Counts {
  requests: number
  toServer: number
  fromServer: number
}

/** Matches the requests with which a run finds out whether the servers are there, and whether they are Loadcell's. They are no load. */
const NO_LOAD = /^\/(healthz$|_loadcell\/)/

/** Returns the counts of a log, by server, method, path and status. */
export function countsOfLog(log: readonly LoggedRequest[]): Record<string, Counts> {
  const counts: Record<string, Counts> = {}
  for (const { server, method, path, status, received, sent } of log) {
    if (NO_LOAD.test(path)) continue
    const row = (counts[`${method} ${server === 'api' ? 'api:' : ''}${path} ${status}`] ??= noCounts())
    row.requests += 1
    row.toServer += received
    row.fromServer += sent
  }
  return counts
}

/** Returns the counts of a result, by the same. */
export function countsOfResult({ series }: Pick<RunResult, 'series'>): Record<string, Counts> {
  const counts: Record<string, Counts> = {}
  const fields = { http_reqs: 'requests', data_sent: 'toServer', data_received: 'fromServer' } as const
  for (const each of series) {
    const field = (fields as Partial<Record<string, keyof Counts>>)[each.metric]
    if (field === undefined || each.value.kind !== 'counter') continue
    const { method = '', name = '', status = '' } = each.tags
    const row = (counts[`${method} ${name} ${status}`] ??= noCounts())
    row[field] += each.value.total
  }
  return counts
}

function noCounts(): Counts {
  return { requests: 0, toServer: 0, fromServer: 0 }
}
