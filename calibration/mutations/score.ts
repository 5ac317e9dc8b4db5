import type { MutationOutcome, MutationScore } from '../audit/audit-result.ts'
import type { Truth } from '../audit/truth.ts'
import { injectedBy, type Mutation } from './mutation.ts'
import { noticed, type OwnAccount } from './noticed.ts'

/** One run of the script while the service was mutated. */
export interface MutatedRun extends OwnAccount {
  truth: Truth
}

export function outcomeOf(mutation: Mutation, clean: OwnAccount, mutated: MutatedRun): MutationOutcome {
  const { id, title, check } = mutation
  const injected = injectedBy(mutation, mutated.truth)
  const evidence = injected === 0 ? [] : noticed(clean, mutated)
  const state = injected === 0 ? 'not_reached' : evidence.length > 0 ? 'noticed' : 'missed'
  return { id, title, state, injected, evidence, ...(state === 'missed' && { check }) }
}

export function scoreOf(outcomes: readonly MutationOutcome[], skipped: MutationScore['skipped']): MutationScore {
  return {
    noticed: outcomes.filter(({ state }) => state === 'noticed').length,
    tried: outcomes.filter(({ state }) => state !== 'not_reached').length,
    outcomes: [...outcomes],
    skipped: [...skipped],
  }
}
