import { counted } from '../../harness/report/quantity.ts'
import type { MutationOutcome, MutationScore } from '../audit/audit-result.ts'
import type { Truth } from '../audit/truth.ts'
import { injectedBy, type Mutation } from './mutation.ts'
import { hiddenBy, isInvalid, noticed, type OwnAccount } from './noticed.ts'

/** Most signs that are told of one mutation. */
const MOST_EVIDENCE = 3

/** One run of the script while the service was mutated. */
export interface MutatedRun extends OwnAccount {
  truth: Truth
}

export function outcomeOf(mutation: Mutation, clean: OwnAccount, mutated: MutatedRun): MutationOutcome {
  const { id, title, check } = mutation
  const injected = injectedBy(mutation, mutated.truth)
  const outcome = { id, title, injected, evidence: [] }
  if (injected === 0) return { ...outcome, state: 'not_reached' }
  const evidence = noticed(clean, mutated)
  if (evidence.length > 0) return { ...outcome, state: 'noticed', evidence: worthTelling(evidence) }
  const hidden = hiddenBy(clean, mutated, injected)
  return hidden === undefined ? { ...outcome, state: 'missed', check } : { ...outcome, state: 'unclear', hidden }
}

/** Returns the first signs, and how many there are besides: an error text may differ from request to request. */
function worthTelling(evidence: readonly string[]): string[] {
  const more = evidence.length - MOST_EVIDENCE
  return [...evidence.slice(0, MOST_EVIDENCE), ...(more > 0 ? [counted(more, 'other sign')] : [])]
}

/**
 * Returns what is left of an outcome after a second run without faults. What that shows as well, the mutation has not caused: the script fails
 * now and then, or whenever it is run again.
 */
export function confirmed(outcome: MutationOutcome, mutated: OwnAccount, secondClean: OwnAccount): MutationOutcome {
  const { state, evidence } = outcome
  if (state !== 'noticed' || isInvalid(secondClean) || noticed(secondClean, mutated).length > 0) return outcome
  return {
    ...outcome,
    state: 'unclear',
    evidence: [],
    hidden: `a second run without faults showed it too: ${evidence[0]}`,
  }
}

export function scoreOf(outcomes: readonly MutationOutcome[], skipped: MutationScore['skipped']): MutationScore {
  return {
    noticed: outcomes.filter(({ state }) => state === 'noticed').length,
    tried: outcomes.filter(({ state }) => state !== 'not_reached').length,
    outcomes: [...outcomes],
    skipped: [...skipped],
  }
}
