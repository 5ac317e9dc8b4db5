import type { RateLimitRule } from './schema/http.ts'
import { parseDuration } from '../../core/duration.ts'
import { patternError } from '../../contract/api/operations.ts'

const SHORTEST_PER_MS = 1

export interface RateLimitIssue {
  /** From the list of rules. */
  path: readonly string[]
  detail: string
}

/** Returns the contradictions in rules that fit their schema. */
export function rateLimitIssues(rules: readonly RateLimitRule[]): RateLimitIssue[] {
  const issues: RateLimitIssue[] = []
  const names = new Set<string>()
  for (const [index, { name, per, operations = [] }] of rules.entries()) {
    const at = (...path: string[]) => [String(index), ...path]
    if (names.has(name)) issues.push({ path: at('name'), detail: `expected a name of its own, got "${name}" again` })
    names.add(name)
    if (per !== undefined && parseDuration(per) < SHORTEST_PER_MS) {
      issues.push({ path: at('per'), detail: `expected at least ${SHORTEST_PER_MS}ms, got ${JSON.stringify(per)}` })
    }
    for (const [place, pattern] of operations.entries()) {
      const detail = patternError(pattern)
      if (detail !== undefined) issues.push({ path: at('operations', String(place)), detail })
    }
  }
  return issues
}
