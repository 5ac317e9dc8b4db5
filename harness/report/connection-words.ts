import type { RunDescription } from '../results/run-result.ts'
import { plain } from './terminal.ts'

/** Returns, in parentheses, what readers must know of the connections to the target; '' if there is nothing special. */
export function connectionWords({ embedded, proxy, insecure }: RunDescription): string {
  const words = [
    ...(embedded ? ['embedded'] : []),
    ...(proxy === undefined ? [] : [`through the proxy ${plain(proxy)}`]),
    ...(insecure ? ['certificates not checked'] : []),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}
