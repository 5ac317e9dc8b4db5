import { studentQuantile } from '../../core/student.ts'

/** The measurements in one part of a run: their sum and their number. */
export interface BatchSum {
  sum: number
  count: number
}

export interface Estimate {
  mean: number
  interval: { level: number; low: number; high: number }
}

/**
 * Returns the mean over all batches, with its interval. Consecutive waits in a queue are correlated, so single waits would make the
 * interval too narrow; sums over long batches hardly are (batch means: A. M. Law, Simulation Modeling and Analysis, chapter 9; here as
 * a ratio, because the batches have different counts).
 */
export function estimateMean(batches: readonly BatchSum[], level: number): Estimate {
  const { length } = batches
  const count = batches.reduce((sum, batch) => sum + batch.count, 0)
  const mean = batches.reduce((sum, batch) => sum + batch.sum, 0) / count
  const squares = batches.reduce((sum, batch) => sum + (batch.sum - mean * batch.count) ** 2, 0)
  const deviation = Math.sqrt((squares * length) / (length - 1)) / count
  const reach = studentQuantile((1 + level) / 2, length - 1) * deviation
  return { mean, interval: { level, low: mean - reach, high: mean + reach } }
}
