import type { RunResult } from '../../results/run-result.ts'

/** Returns the result as it is, for programs. `schemas/result-1.json` describes it. */
export function resultJson(result: RunResult): string {
  return `${JSON.stringify(result, null, 2)}\n`
}
