import manifest from '#package.json' with { type: 'json' }
import { headers } from '../../contract/headers.ts'

/** What every request says of its sender. */
export function identityHeaders(runId: string): Record<string, string> {
  return { 'user-agent': `loadcell/${manifest.version}`, [headers.run]: runId }
}
