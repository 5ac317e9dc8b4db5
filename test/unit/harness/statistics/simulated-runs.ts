import { normalQuantile } from '../../../../core/normal.ts'
import { type Random, random } from '../../../../core/random.ts'
import { type RunValue, effectOf } from '../../../../harness/statistics/effect.ts'
import { drawResamples } from '../../../../harness/statistics/resamples.ts'

export const normal = (chance: Random) => normalQuantile(chance.next() + 2 ** -33)

/** Noise between runs with a standard deviation of about 1: even to both sides, or with some runs far slower than the others. */
export const noises: Record<string, (chance: Random) => number> = {
  normal,
  exponential: chance => -Math.log(chance.next() + 2 ** -33),
  lognormal: chance => Math.exp(0.6 * normal(chance)) / 0.79,
}

export interface Simulated {
  runs: readonly [number, number]
  noise: string
  /** Standard deviation between runs, relative. */
  deviation: number
  /** How much slower the other side is. */
  slowdown: number
  /** Standard deviation from the number of samples in a run. */
  sampling?: number
}

/** Returns the share of simulated comparisons that find a difference at 5 %. */
export function shareFound(
  { runs, noise, deviation, slowdown, sampling = 0.001 }: Simulated,
  comparisons = 500,
): number {
  const resamples = drawResamples(1, runs, 499)
  let found = 0
  for (let comparison = 0; comparison < comparisons; comparison++) {
    const chance = random(3).fork(noise, runs[0], runs[1], comparison)
    const run = (value: number): RunValue => ({
      value: value + deviation * noises[noise]!(chance) + sampling * normal(chance),
      samplingVariance: sampling ** 2,
    })
    const base = Array.from({ length: runs[0] }, () => run(0))
    const other = Array.from({ length: runs[1] }, () => run(Math.log(1 + slowdown)))
    if (effectOf(base, other, resamples).p <= 0.05) found += 1
  }
  return found / comparisons
}
