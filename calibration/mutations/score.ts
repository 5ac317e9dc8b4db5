import type { MutationOutcome, MutationScore } from '../audit/audit-result.ts'
import type { Truth } from '../audit/truth.ts'
import { injectedBy, type Mutation } from './mutation.ts'
import { hiddenBy, noticed, type OwnAccount } from './noticed.ts'

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
  if (evidence.length > 0) return { ...outcome, state: 'noticed', evidence }
  const hidden = hiddenBy(clean, mutated, injected)
  return hidden === undefined ? { ...outcome, state: 'missed', check } : { ...outcome, state: 'unclear', hidden }
}

export function scoreOf(outcomes: readonly MutationOutcome[], skipped: MutationScore['skipped']): MutationScore {
  return {
    noticed: outcomes.filter(({ state }) => state === 'noticed').length,
    tried: outcomes.filter(({ state }) => state !== 'not_reached').length,
    outcomes: [...outcomes],
    skipped: [...skipped],
  }
}
