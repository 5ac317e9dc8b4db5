import { readFileSync } from 'node:fs'
import { type Random, randomInteger } from '../../../../core/random.ts'
import type { RunValue } from '../../../../harness/statistics/effect.ts'

/**
 * Response times of real runs of one scenario against one target, on a shared machine with two cores: for each statistic, the logarithm of each run's
 * value in ms and its sampling variance, as `comparedRun` has them, in order of time.
 */
const recorded = JSON.parse(readFileSync(new URL('./recorded-runs.json', import.meta.url), 'utf8')) as Record<
  string,
  [value: number, samplingVariance: number][]
>

export const recordedStatistics = Object.keys(recorded)

/** Draws runs of a statistic, each at most once, in random order: they differ by nothing but noise. */
export function drawRuns(statistic: string, count: number, chance: Random): RunValue[] {
  const runs = (recorded[statistic] ?? []).map(([value, samplingVariance]) => ({ value, samplingVariance }))
  if (count > runs.length) throw new RangeError(`expected at most ${runs.length} runs, got ${count}`)
  return Array.from({ length: count }, () => runs.splice(randomInteger(chance, runs.length), 1)[0]!)
}

/** Returns the standard deviation between the recorded runs, on the scale of their logarithms. */
export function recordedDeviation(statistic: string): number {
  const values = (recorded[statistic] ?? []).map(([value]) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

export const recordedCount = (statistic: string) => recorded[statistic]?.length ?? 0

/** Returns the runs, slower by a share. */
export const slowerBy = (share: number, runs: readonly RunValue[]) =>
  runs.map(run => ({ ...run, value: run.value + Math.log(1 + share) }))
