import { defaultTenant, headers } from '../../contract/headers.ts'
import { lowerCased } from './http.ts'

/** What every request says of its sender. */
export function identityHeaders(runId: string, version: string | undefined): Record<string, string> {
  return { 'user-agent': version === undefined ? 'loadcell' : `loadcell/${version}`, [headers.run]: runId }
}

/** Whose events a stream or socket with these headers of its author's is sent. */
export function tenantOf(authors: Record<string, string> | undefined): string {
  return lowerCased(authors)?.[headers.tenant] ?? defaultTenant
}
