import { falseDiscoveryRates, selectedLevel } from '../statistics/false-discovery.ts'
import { RecentResamples } from '../statistics/recent-resamples.ts'
import { ShiftChance } from '../statistics/shift-chance.ts'
import { FALSE_DISCOVERY_RATE } from '../statistics/verdict.ts'
import type { ComparedRun } from './compared-run.ts'
import { type ConditionDifference, differencesBetween } from './conditions.ts'
import { nameOf, type Statistic } from './statistic.ts'
import { firstChance, type StatisticTrend, trendOf, type TrendValues } from './trend.ts'

/** The trend of each statistic over runs in the course of time. Reporters format it and compute nothing. */
export interface RunHistory {
  format: 'loadcell.history/1'
  /** Runs under the same conditions have a group. The group with the newest run is first. */
  groups: HistoryGroup[]
  /** Conditions in which the groups differ; a group is named by its place: `group 1`. */
  differences: ConditionDifference[]
  falseDiscoveryRate: number
  /** Results that are not in any group. */
  leftOut: OmittedResult[]
}

export interface HistoryGroup {
  scenario: string
  conditions: Record<string, string>
  /** In order of their start. */
  runs: HistoryRun[]
  /** Number of older runs under these conditions, which are not read. */
  olderRuns: number
  trends: StatisticTrend[]
  /** Number of further statistics, which the fewest runs have. */
  trendsNotKept: number
}

export interface HistoryRun {
  path: string
  id: string
  startedAt: number
  tags: Record<string, string>
}

export interface OmittedResult {
  path: string
  /** A sentence that names the path. */
  reason: string
}

export interface HistoryOptions {
  /** Number of runs of each group: the newest. */
  last: number
  seed: number
  /** Random orders that were drawn before; by default they are drawn from the seed. */
  chance?: ShiftChance
}

/** Number of resamples for the interval of each change. */
const RESAMPLES = 499
/** Most trends of a group. Names that change from run to run would make more. */
const MOST_TRENDS = 200

/** Orders runs by time and marks where a statistic changed its level. Pure. */
export function historyOf(
  runs: readonly ComparedRun[],
  leftOut: readonly OmittedResult[],
  { last, seed, chance = new ShiftChance(seed) }: HistoryOptions,
): RunHistory {
  const groups = groupsOf(runs).map(group => {
    const kept = group.slice(-last)
    return { kept, olderRuns: group.length - kept.length, ...statisticsOf(kept) }
  })
  const sequences = groups.flatMap(({ statistics, kept }) => statistics.map(statistic => valuesOf(statistic, kept)))
  // Among many statistics some seem to change by chance, so all groups are judged together.
  const ps = sequences.map(values => firstChance(values, chance))
  const rates = falseDiscoveryRates(ps)
  const selected = rates.filter(rate => rate <= FALSE_DISCOVERY_RATE).length
  const level = 1 - selectedLevel(selected, rates.length, FALSE_DISCOVERY_RATE)
  const resamples = new RecentResamples(seed, RESAMPLES)
  let next = 0
  return {
    format: 'loadcell.history/1',
    groups: groups.map(({ kept, olderRuns, statistics, notKept }) => ({
      scenario: kept[0]?.conditions.get('scenario') ?? '',
      conditions: Object.fromEntries(kept[0]?.conditions ?? []),
      runs: kept.map(({ path, id, startedAt, tags }) => ({ path, id, startedAt, tags })),
      olderRuns,
      trends: statistics.map(() => {
        const [values, p, rate] = [sequences[next]!, ps[next]!, rates[next]!]
        next += 1
        const changed = rate <= FALSE_DISCOVERY_RATE
        return trendOf(values, { p, falseDiscoveryRate: rate, level: changed ? level : 0, resamples, chance })
      }),
      trendsNotKept: notKept,
    })),
    differences: differencesBetween(
      groups.map(({ kept }, index) => ({ path: `group ${index + 1}`, conditions: kept[0]?.conditions ?? new Map() })),
    ),
    falseDiscoveryRate: FALSE_DISCOVERY_RATE,
    leftOut: [...leftOut],
  }
}

/** Unlike the sides of a comparison, which may be two servers, a history is that of one. */
function withTarget(run: ComparedRun): ComparedRun {
  if (run.targetUrl === undefined) return run
  return { ...run, conditions: new Map([...run.conditions, ['target URL', run.targetUrl]]) }
}

/** Returns the runs under the same conditions in order of time, those with the newest run first. */
function groupsOf(runs: readonly ComparedRun[]): ComparedRun[][] {
  const groups = new Map<string, ComparedRun[]>()
  for (const run of runs.map(withTarget).sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1))) {
    const key = JSON.stringify([...run.conditions])
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].sort((a, b) => b.at(-1)!.startedAt - a.at(-1)!.startedAt)
}

/** Returns the statistics that at least two runs have. */
function statisticsOf(runs: readonly ComparedRun[]): { statistics: Statistic[]; notKept: number } {
  const all = new Map<string, { statistic: Statistic; count: number }>()
  for (const { figures } of runs) {
    for (const [key, { statistic }] of figures) {
      const known = all.get(key)
      if (known === undefined) all.set(key, { statistic, count: 1 })
      else known.count += 1
    }
  }
  const repeated = [...all.values()].filter(({ count }) => count > 1).sort((a, b) => b.count - a.count)
  const kept = new Set(repeated.slice(0, MOST_TRENDS))
  return {
    // In the order of the runs' own lists.
    statistics: [...all.values()].filter(each => kept.has(each)).map(({ statistic }) => statistic),
    notKept: repeated.length - kept.size,
  }
}

function valuesOf(statistic: Statistic, runs: readonly ComparedRun[]): TrendValues {
  const key = nameOf(statistic)
  return { statistic, values: runs.map(({ figures }) => figures.get(key)?.value) }
}
