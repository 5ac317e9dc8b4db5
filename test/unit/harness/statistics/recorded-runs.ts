import { readFileSync } from 'node:fs'
import { type Random, randomInteger } from '../../../../core/random.ts'
import type { RunValue } from '../../../../harness/statistics/effect.ts'

/**
 * 48 real runs of one scenario, one after another, on a shared machine with two cores that others used as well: 60 requests a second for 2 s
 * to the embedded target with a delay of 400 ms (standard deviation 20 ms). For each statistic they have the logarithm of each run's value in
 * ms, and its sampling variance, as `comparedRun` has them. Some runs are far slower than the others.
 */
const recorded = JSON.parse(readFileSync(new URL('./recorded-runs.json', import.meta.url), 'utf8')) as Record<
  string,
  [value: number, samplingVariance: number][]
>

export const recordedStatistics = Object.keys(recorded)

/** Draws from the recorded runs of a statistic, in random order: they differ by nothing but noise. */
export function drawRuns(statistic: string, count: number, chance: Random): RunValue[] {
  const runs = recorded[statistic] ?? []
  return Array.from({ length: count }, () => {
    const [value, samplingVariance] = runs[randomInteger(chance, runs.length)]!
    return { value, samplingVariance }
  })
}

/** Returns the standard deviation between the recorded runs, on the scale of their logarithms. */
export function recordedDeviation(statistic: string): number {
  const values = (recorded[statistic] ?? []).map(([value]) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/** Returns the runs, slower by a share. */
export const slowerBy = (share: number, runs: readonly RunValue[]) =>
  runs.map(run => ({ ...run, value: run.value + Math.log(1 + share) }))
