import type { RateLimitRule } from './schema/http.ts'
import { parseDuration } from '../../core/duration.ts'
import { patternFault } from '../../contract/operation-pattern.ts'

const SHORTEST_PER_MS = 1

export interface RulesFault {
  /** From the list of rules. */
  path: readonly string[]
  detail: string
}

/** Returns the contradictions in rules that fit their schema. */
export function rulesFaults(rules: readonly RateLimitRule[]): RulesFault[] {
  const faults: RulesFault[] = []
  const names = new Set<string>()
  for (const [index, { name, per, operations = [] }] of rules.entries()) {
    const at = (...path: string[]) => [String(index), ...path]
    if (names.has(name)) faults.push({ path: at('name'), detail: `expected a name of its own, got "${name}" again` })
    names.add(name)
    if (per !== undefined && parseDuration(per) < SHORTEST_PER_MS) {
      faults.push({ path: at('per'), detail: `expected at least ${SHORTEST_PER_MS}ms, got ${JSON.stringify(per)}` })
    }
    for (const [place, pattern] of operations.entries()) {
      const detail = patternFault(pattern)
      if (detail !== undefined) faults.push({ path: at('operations', String(place)), detail })
    }
  }
  return faults
}
