import { normalQuantile } from '../../core/normal.ts'
import { random, randomInteger } from '../../core/random.ts'

/**
 * Draws for a hierarchical bootstrap of two sides. Each resample draws runs, and for each drawn run a normal deviate, which stands for a
 * resample of the requests within it. All metrics of a comparison share the draws, as they share the runs.
 */
export interface Resamples {
  /** Number of runs of the base and of the other side. */
  runs: readonly [number, number]
  count: number
  /** For each resample, one draw for each run. A draw is an index below the number of all runs. */
  picks: Uint32Array
  deviates: Float64Array
}

const COUNT = 4999

/** Draws the resamples. The same seed gives the same draws. */
export function drawResamples(seed: number, runs: readonly [number, number], count = COUNT): Resamples {
  const size = runs[0] + runs[1]
  // A run that is alone on its side shows nothing of the spread between runs.
  const spread = spreadRuns(runs)
  const [choice, noise] = [random(seed).fork('runs'), random(seed).fork('requests')]
  const picks = Uint32Array.from({ length: count * size }, () => spread[randomInteger(choice, spread.length)] ?? 0)
  // In the middle between two steps of the generator, so that no deviate is infinite.
  const deviates = Float64Array.from(picks, () => normalQuantile(noise.next() + 2 ** -33))
  return { runs, count, picks, deviates }
}

/** Returns the indices of the runs that are not alone on their side. */
function spreadRuns([base, other]: readonly [number, number]): number[] {
  const all = Array.from({ length: base + other }, (_, index) => index)
  return all.filter(index => (index < base ? base : other) > 1)
}
