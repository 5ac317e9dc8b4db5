import { type Random, random } from '../../../../core/random.ts'
import { changePoints } from '../../../../harness/statistics/change-points.ts'
import { ShiftChance } from '../../../../harness/statistics/shift-chance.ts'
import { noises } from './simulated-runs.ts'

export interface SimulatedHistory {
  /** Level of each run, as a logarithm. */
  levels: readonly number[]
  noise: string
  /** Standard deviation between runs, relative. */
  deviation: number
}

/** Runs of one level after another. */
export const levelsOf = (...parts: readonly (readonly [runs: number, change: number])[]): number[] =>
  parts.flatMap(([runs, change]) => Array.from({ length: runs }, () => Math.log(1 + change)))

/** More noises than runs usually have: some are far off, or rounded to few values. */
export const historyNoises: Record<string, (chance: Random) => number> = {
  ...noises,
  outliers: chance => noises['normal']!(chance) * (chance.next() < 0.1 ? 10 : 1),
  rounded: chance => Math.round(noises['normal']!(chance)),
}

/** One for all tests, because random orders of one length are drawn once. */
const chance = new ShiftChance(1, 1999)

/** Returns the changes that are found in each of some simulated histories. */
export function changesFound({ levels, noise, deviation }: SimulatedHistory, histories: number): number[][] {
  return Array.from({ length: histories }, (_, history) => {
    const draws = random(5).fork(noise, levels.length, history)
    const values = levels.map(level => level + deviation * historyNoises[noise]!(draws))
    return changePoints(values, 0.05, chance)
  })
}
