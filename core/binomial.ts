import { logGamma } from './incomplete-gamma.ts'

/** Relative size below which further terms of a sum change nothing. */
const SETTLED = 1e-17

/** Returns the probability of this many successes or more among trials that each succeed with this chance. */
export function binomialTail(successes: number, trials: number, chance: number): number {
  if (successes <= 0) return 1
  if (successes > trials || chance <= 0) return 0
  if (chance >= 1) return 1
  // Below the mean the terms would grow, so the other tail is summed.
  if (successes <= trials * chance) return 1 - binomialTail(trials - successes + 1, trials, 1 - chance)
  const odds = chance / (1 - chance)
  let [term, sum] = [1, 1]
  for (let count = successes; count < trials && term > SETTLED * sum; count++) {
    term *= ((trials - count) / (count + 1)) * odds
    sum += term
  }
  const ways = logGamma(trials + 1) - logGamma(successes + 1) - logGamma(trials - successes + 1)
  const first = ways + successes * Math.log(chance) + (trials - successes) * Math.log1p(-chance)
  return Math.min(1, Math.exp(first) * sum)
}
