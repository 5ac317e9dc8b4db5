import { defaultTenant, headers } from '../../../contract/headers.ts'
import type { HeadersInput } from '../../scenario/context.ts'
import { encodeHeaders } from '../message/request-head.ts'
import type { Target } from './target.ts'

/** Returns the headers that identify the run. A token, or a scenario's own header, replaces the target's credentials. */
export function identityHeaders(
  runId: string,
  version: string | undefined,
  { authorization }: Pick<Target, 'authorization'>,
): Record<string, string> {
  return {
    'user-agent': version === undefined ? 'loadcell' : `loadcell/${version}`,
    [headers.run]: runId,
    ...(authorization !== undefined && { authorization }),
  }
}

/** Returns the tenant whose events a stream or socket with these headers receives. */
export function tenantOf(authors: HeadersInput | undefined): string {
  return encodeHeaders(authors)?.[headers.tenant] ?? defaultTenant
}
