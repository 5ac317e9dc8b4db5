import type { RunResult } from '../../results/run-result.ts'

/** Returns the result as it is, for programs. `schemas/result-1.json` describes it. */
export function resultJson(result: RunResult): string {
  return `${withRows(JSON.stringify(result, null, 2))}\n`
}

/** Puts lists of numbers on one line each. The strings of a document contain no line breaks, so none looks like a list. */
function withRows(json: string): string {
  return json.replaceAll(/\[\n\s+(?:[-\d.e+]+|null)(?:,\n\s+(?:[-\d.e+]+|null))*\n\s+\]/g, list =>
    list.replaceAll(/\s+/g, ' '),
  )
}
