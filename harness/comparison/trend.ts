import { changePoints, FEWEST_FOR_CHANGE } from '../statistics/change-points.ts'
import { type Effect, effectOf, meanOf, type RunValue } from '../statistics/effect.ts'
import type { RecentResamples } from '../statistics/recent-resamples.ts'
import type { Scale } from '../statistics/scale.ts'
import type { ShiftChance } from '../statistics/shift-chance.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import { isMoreBetter, nameOf, scaleOf, type Statistic, unitOf } from './statistic.ts'

/** A statistic over runs in the course of time. */
export interface StatisticTrend {
  /** `http_req_duration{name:/orders} p(95)`. */
  statistic: string
  unit: ThresholdVerdict['unit']
  /** The last change, if there is any. `too-few`: too few runs to tell a change from chance. */
  state: 'worse' | 'better' | 'steady' | 'too-few'
  /** One for each run; `null` where it lacks the statistic. */
  values: (number | null)[]
  /** Times between changes, in order. */
  levels: TrendLevel[]
  changes: TrendChange[]
  /** Standard deviation between runs of one level: relative, or a difference between shares. */
  noise?: number
  /** Probability of a change at least as large if there is none. */
  p: number
  /** The smallest false discovery rate at which the statistic counts as changed. */
  falseDiscoveryRate: number
}

export interface TrendLevel {
  /** Indices of the first and of the last run. */
  fromRun: number
  toRun: number
  /** Mean of its runs: geometric for times and rates. */
  value: number
}

export interface TrendChange {
  /** Index of the first run after it. */
  run: number
  state: 'worse' | 'better'
  /** From the level before to the level after; relative, or a difference between shares. */
  change: number
  interval: { level: number; low: number; high: number }
}

/** The values of a statistic; `undefined` for runs that lack it. */
export interface TrendValues {
  statistic: Statistic
  values: readonly (RunValue | undefined)[]
}

interface TrendJudgement {
  p: number
  falseDiscoveryRate: number
  /** Accepted probability of a false change; 0 for none. */
  level: number
  resamples: RecentResamples
  chance: ShiftChance
}

interface PlacedValue extends RunValue {
  run: number
}

const INTERVAL_LEVEL = 0.95

/** Returns the probability of a change at least as large in runs that do not change. */
export function firstChance({ values }: TrendValues, chance: ShiftChance): number {
  const present = values.flatMap(value => value?.value ?? [])
  return present.length < FEWEST_FOR_CHANGE ? 1 : chance.test(present).p
}

/** Returns the trend, with the places where its level changed. */
export function trendOf(
  { statistic, values }: TrendValues,
  { p, falseDiscoveryRate, level, resamples, chance }: TrendJudgement,
): StatisticTrend {
  const scale = scaleOf(statistic)
  const present = values.flatMap((value, run): PlacedValue[] => (value === undefined ? [] : [{ run, ...value }]))
  const enough = present.length >= FEWEST_FOR_CHANGE
  const found =
    enough && level > 0
      ? changePoints(
          present.map(({ value }) => value),
          level,
          chance,
        )
      : []
  const { parts, effects } = dividedAt(present, found, resamples)
  const changes = effects.map((effect, index) => changeOf(statistic, scale, parts[index + 1]![0]!.run, effect))
  const noise = noiseOf(parts, scale)
  return {
    statistic: nameOf(statistic),
    unit: unitOf(statistic),
    state: enough ? (changes.at(-1)?.state ?? 'steady') : 'too-few',
    values: values.map(value => (value === undefined ? null : scale.back(value.value))),
    levels: parts.map(part => ({ fromRun: part[0]!.run, toRun: part.at(-1)!.run, value: scale.back(meanOf(part)) })),
    changes,
    ...(noise !== undefined && { noise }),
    p,
    falseDiscoveryRate,
  }
}

interface DividedValues {
  /** Values between changes. */
  parts: PlacedValue[][]
  /** From each part to the next. */
  effects: Effect[]
}

/**
 * Divides the values at the changes, except those that are no larger than the limited number of samples in each run allows: a rank test
 * knows nothing of that.
 */
function dividedAt(
  values: readonly PlacedValue[],
  changes: readonly number[],
  resamples: RecentResamples,
): DividedValues {
  const bounds = [0, ...changes, values.length]
  const parts = bounds.slice(1).map((to, index) => values.slice(bounds[index], to))
  const effects = parts.slice(1).map((after, index) => {
    const before = parts[index]!
    return effectOf(before, after, resamples.of([before.length, after.length]))
  })
  const doubtful = effects.findIndex(({ difference, reach }) => Math.abs(difference) <= reach(INTERVAL_LEVEL))
  return doubtful === -1 ? { parts, effects } : dividedAt(values, changes.toSpliced(doubtful, 1), resamples)
}

function changeOf(statistic: Statistic, scale: Scale, run: number, effect: Effect): TrendChange {
  const base = scale.back(effect.base)
  const changeBy = (scaled: number) => scale.change(base, scale.back(effect.base + scaled))
  const reach = effect.reach(INTERVAL_LEVEL)
  return {
    run,
    state: effect.difference > 0 === isMoreBetter(statistic) ? 'better' : 'worse',
    change: changeBy(effect.difference),
    interval: {
      level: INTERVAL_LEVEL,
      low: changeBy(effect.difference - reach),
      high: changeBy(effect.difference + reach),
    },
  }
}

/** Returns how much runs of one level differ; undefined if each level has one run. */
function noiseOf(parts: readonly (readonly RunValue[])[], scale: Scale): number | undefined {
  const count = parts.reduce((sum, part) => sum + part.length, 0)
  if (count <= parts.length) return undefined
  const squares = parts.flatMap(part => part.map(({ value }) => (value - meanOf(part)) ** 2))
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (count - parts.length))
  const level = meanOf(parts.at(-1)!)
  return Math.abs(scale.change(scale.back(level), scale.back(level + deviation)))
}
