import type { Accounting, ComparedScope, MutationScore, Verdict } from './audit-result.ts'

export interface JudgedAudit {
  comparison: readonly ComparedScope[]
  accounting: Accounting
  /** Whether there was a report that could be read. */
  hasReport: boolean
  mutations?: MutationScore | undefined
  /** Fewest mutations that must be noticed; undefined: all that were tried. */
  requiredNoticed?: number | undefined
  doubts: readonly string[]
}

/** Judges an audit. Doubts come before the verdict: on a machine that was too busy, a difference proves nothing. */
export function judgeAudit(audit: JudgedAudit): Verdict {
  const { comparison, accounting, hasReport, mutations, doubts } = audit
  if (doubts.length > 0) return { word: 'inconclusive', sentence: doubts[0]! }
  if (accounting.total.arrivals === 0) return { word: 'inconclusive', sentence: 'no request arrived at the target' }
  if (!hasReport) return { word: 'inconclusive', sentence: 'there is no report of the tool to compare with the ledger' }
  const wrong = comparison.flatMap(({ operation, rows }) =>
    rows
      .filter(({ judgement }) => judgement === 'wrong')
      .map(({ what, reason }) => `${operation === undefined ? '' : `${operation} `}${what}: ${reason}`),
  )
  if (wrong.length > 0) {
    const more = wrong.length === 1 ? '' : `, and ${wrong.length - 1} more`
    return { word: 'wrong', sentence: `${wrong[0]}${more}` }
  }
  const judged = comparison.flatMap(({ rows }) => rows).filter(({ judgement }) => judgement !== 'not_compared')
  const explained = judged.filter(({ judgement }) => judgement === 'explained').length
  const agreement = `the report and the ledger agree on ${judged.length - explained} of ${judged.length} numbers${explained === 0 ? '' : `, and the other ${explained} differ for known reasons`}`
  if (mutations === undefined) return { word: 'trustworthy', sentence: agreement }
  const reached = mutations.outcomes.filter(({ state }) => state !== 'not_reached').length
  const required = audit.requiredNoticed ?? reached
  const score = `it noticed ${mutations.noticed} of ${reached} mutations of the service`
  return mutations.noticed >= Math.min(required, reached)
    ? { word: 'trustworthy', sentence: `${agreement}, and ${score}` }
    : { word: 'true_but_blind', sentence: `${agreement}, but ${score}` }
}
