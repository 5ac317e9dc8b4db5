import { isCounted, matchOf, type OperationName } from '../../contract/api/operations.ts'
import type { ToolReport, ToolRow } from './tool-report.ts'

/** Names of a tool that stand for one operation. */
export interface NamedRows {
  operation: OperationName
  rows: ToolRow[]
}

export interface UnmatchedName {
  name: string
  requests: number
  reason: string
}

export interface MatchedNames {
  operations: NamedRows[]
  unmatched: UnmatchedName[]
  /** Rows of paths that the target serves and the ledger does not count, such as `/metrics`. */
  uncounted: ToolRow[]
}

/** Operations by the name that the user gave with `--name 'Log in=auth.login'`. */
export type NameMap = ReadonlyMap<string, OperationName>

const METHODS = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/i

/**
 * Finds the operation that each name of the tool stands for: as the user says, by the row's method and path, or by the method and path in
 * its name (`GET /api/v1/products/7`, a URL, or a template with `{id}`, `:id` or `[id]`). A path that nothing serves is the
 * operation `unmatched`.
 * @param served operations that received requests in the run. A path without a method is matched among these.
 */
export function matchNames(
  report: ToolReport,
  served: readonly OperationName[],
  map: NameMap = new Map(),
): MatchedNames {
  const operations = new Map<OperationName, NamedRows>()
  const unmatched: UnmatchedName[] = []
  const uncounted: ToolRow[] = []
  for (const row of report.rows) {
    const operation = map.get(row.name) ?? operationOf(row, served)
    if (operation === 'uncounted') uncounted.push(row)
    else if (typeof operation !== 'string') unmatched.push({ name: row.name, requests: row.requests, ...operation })
    else if (operations.has(operation)) operations.get(operation)!.rows.push(row)
    else operations.set(operation, { operation, rows: [row] })
  }
  return { operations: [...operations.values()], unmatched, uncounted }
}

function operationOf(
  row: ToolRow,
  served: readonly OperationName[],
): OperationName | 'uncounted' | Pick<UnmatchedName, 'reason'> {
  const { method, path } = requestLineOf(row)
  if (path === undefined) return { reason: 'it is neither a path nor a URL; name its operation with --name' }
  if (method !== undefined) {
    const match = matchOf(method, path)
    if (match !== undefined) return match.operation
    return isCounted(path) ? 'unmatched' : 'uncounted'
  }
  const possible = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
    .map(each => matchOf(each, path)?.operation)
    .filter(operation => operation !== undefined)
  const candidates = possible.length > 1 ? possible.filter(operation => served.includes(operation)) : possible
  if (candidates.length === 1) return candidates[0]!
  if (possible.length === 0) return isCounted(path) ? 'unmatched' : 'uncounted'
  return {
    reason: `it may be ${(candidates.length > 1 ? candidates : possible).join(' or ')}; name its operation with --name`,
  }
}

/** Returns the method and the path without its query that a row names. */
function requestLineOf({ name, method, path }: ToolRow): { method: string | undefined; path: string | undefined } {
  const words = name.trim().split(/\s+/)
  const named = words.findIndex(word => METHODS.test(word))
  const own = named === -1 ? undefined : words[named]
  const rest = words.filter((_, index) => index !== named)
  const place = path ?? rest.find(word => word.startsWith('/') || /^https?:\/\//i.test(word))
  return { method: (method ?? own)?.toUpperCase(), path: place === undefined ? undefined : pathOf(place) }
}

function pathOf(place: string): string {
  const path = place.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '')
  return path === '' ? '/' : path
}
