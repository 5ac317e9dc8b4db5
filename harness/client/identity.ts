import { headers } from '../../contract/headers.ts'

/** What every request says of its sender. */
export function identityHeaders(runId: string, version: string | undefined): Record<string, string> {
  return { 'user-agent': version === undefined ? 'loadcell' : `loadcell/${version}`, [headers.run]: runId }
}
