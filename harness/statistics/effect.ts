import { studentCdf, studentQuantile } from '../../core/student.ts'
import type { Resamples } from './resamples.ts'

/** The value of one run, and the variance that it has only because the run had a limited number of samples. */
export interface RunValue {
  value: number
  samplingVariance: number
}

/** A difference between two sides, and how sure it is. Values are on the scale of the runs' values. */
export interface Effect {
  base: number
  difference: number
  standardError: number
  /** Number of runs beyond one for each side. */
  degrees: number
  /** Standard deviation between runs. */
  deviation: number
  /** Probability of a difference at least as large between two sides that do not differ. */
  p: number
  /** Returns half the width of the interval that contains the true difference with this probability. */
  reach: (level: number) => number
}

/** With fewer, the few deviations that there are cannot stand for all, and Student's t is used instead. */
const FEWEST_DEGREES = 3

/**
 * Returns the difference between the means of two sides by a studentised hierarchical bootstrap. Requests of one run are not independent,
 * so runs are the sample: both sides' deviations from their means are resampled, and each resample is judged by its own spread
 * (Davison and Hinkley, Bootstrap Methods and their Application, sections 3.3 and 3.8). The spread is never below that of the samples
 * within a run, because a few runs may agree by chance. There must be at least three runs in all.
 */
export function effectOf(base: readonly RunValue[], other: readonly RunValue[], resamples: Resamples): Effect {
  const [centre, otherCentre] = [meanOf(base), meanOf(other)]
  const runs = [...base, ...other]
  const deviations = [...deviationsOf(base, centre), ...deviationsOf(other, otherCentre)]
  const samplings = runs.map(({ samplingVariance }) => samplingVariance)
  const degrees = runs.length - 2
  const squares = [...base.map(run => run.value - centre), ...other.map(run => run.value - otherCentre)]
  const between = squares.reduce((sum, value) => sum + value ** 2, 0) / degrees
  const within = samplings.reduce((sum, variance) => sum + variance, 0) / runs.length
  const deviation = Math.sqrt(Math.max(between, within))
  const standardError = deviation * Math.sqrt(1 / base.length + 1 / other.length)
  const difference = otherCentre - centre
  const ratio = ratioOf(difference, standardError)
  const effect = { base: centre, difference, standardError, degrees, deviation }
  if (degrees < FEWEST_DEGREES) {
    return {
      ...effect,
      p: 2 * (1 - studentCdf(ratio, degrees)),
      reach: level => standardError * studentQuantile((1 + level) / 2, degrees),
    }
  }
  const ratios = ratiosOf(deviations, samplings, resamples)
  const all = ratios.length + 1
  return {
    ...effect,
    p: (all - countBelow(ratios, ratio)) / all,
    reach: level => standardError * ratios[Math.min(ratios.length, Math.ceil(level * all)) - 1]!,
  }
}

function ratioOf(difference: number, standardError: number): number {
  if (difference === 0) return 0
  return standardError === 0 ? Number.POSITIVE_INFINITY : Math.abs(difference) / standardError
}

export function meanOf(runs: readonly RunValue[]): number {
  return runs.reduce((sum, { value }) => sum + value, 0) / runs.length
}

/** Returns deviations from the mean, made as wide as those from the true mean. */
function deviationsOf(runs: readonly RunValue[], mean: number): number[] {
  const widening = runs.length === 1 ? 0 : Math.sqrt(runs.length / (runs.length - 1))
  return runs.map(({ value }) => (value - mean) * widening)
}

/** Returns the absolute difference of each resample in its own standard errors, in ascending order. */
function ratiosOf(deviations: readonly number[], samplings: readonly number[], resamples: Resamples): Float64Array {
  const [bases, others] = resamples.runs
  const size = bases + others
  const noises = samplings.map(Math.sqrt)
  const perRun = Math.sqrt(1 / bases + 1 / others)
  const ratios = new Float64Array(resamples.count)
  const drawn = new Float64Array(size)
  for (let resample = 0; resample < resamples.count; resample++) {
    let [baseSum, otherSum, within] = [0, 0, 0]
    for (let run = 0; run < size; run++) {
      const at = resample * size + run
      const pick = resamples.picks[at]!
      const value = deviations[pick]! + noises[pick]! * resamples.deviates[at]!
      drawn[run] = value
      within += samplings[pick]!
      if (run < bases) baseSum += value
      else otherSum += value
    }
    const [baseMean, otherMean] = [baseSum / bases, otherSum / others]
    let squares = 0
    for (let run = 0; run < size; run++) squares += (drawn[run]! - (run < bases ? baseMean : otherMean)) ** 2
    const error = Math.sqrt(Math.max(squares / (size - 2), within / size)) * perRun
    ratios[resample] = error === 0 ? 0 : Math.abs(otherMean - baseMean) / error
  }
  return ratios.sort()
}

/** Returns how many of the ascending values are below a limit. */
function countBelow(ascending: Float64Array, limit: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
