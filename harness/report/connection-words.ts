import type { ConnectionDescription } from '../results/run-result.ts'
import { plain } from './terminal.ts'

/** Returns, in parentheses, facts about the connections to the target that readers must know; '' if there are none. */
export function connectionWords(connections: ConnectionDescription): string {
  const words = [...(connections.embedded ? ['embedded'] : []), ...connectionNotes(connections)]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

export function connectionNotes({ proxy, insecure }: ConnectionDescription): string[] {
  return [
    ...(proxy === undefined ? [] : [`through the proxy ${plain(proxy)}`]),
    ...(insecure ? ['certificates not checked'] : []),
  ]
}
