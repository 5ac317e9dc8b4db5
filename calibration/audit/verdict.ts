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
  const agreement = `the report and the ledger agree on ${judged.length - explained} of ${judged.length} numbers${explainedNote(explained)}`
  if (mutations === undefined) return { word: 'trustworthy', sentence: agreement }
  const { noticed, tried } = mutations
  if (tried === 0 && audit.requiredNoticed !== 0)
    return { word: 'inconclusive', sentence: `${agreement}, but no mutation was tried: ${reasonWithout(mutations)}` }
  const required = Math.min(audit.requiredNoticed ?? tried, tried)
  const score = `it noticed ${noticed} of ${tried} mutations of the service`
  if (noticed >= required) return { word: 'trustworthy', sentence: `${agreement}, and ${score}` }
  const unclear = mutations.outcomes.filter(({ state }) => state === 'unclear')
  if (noticed + unclear.length < required) return { word: 'true_but_blind', sentence: `${agreement}, but ${score}` }
  const why = `${unclear.length} of ${tried} mutations tell nothing: ${unclear[0]!.hidden}`
  return { word: 'inconclusive', sentence: `${agreement}, but ${why}` }
}

function reasonWithout({ outcomes, skipped }: MutationScore): string {
  return outcomes.length > 0 ? 'no request met one' : (skipped[0]?.reason ?? 'none fits the script')
}

function explainedNote(explained: number): string {
  if (explained === 0) return ''
  return explained === 1
    ? ', and the other one differs for a known reason'
    : `, and the other ${explained} differ for known reasons`
}
