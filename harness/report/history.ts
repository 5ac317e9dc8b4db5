import { formatCount } from '../../core/number-format.ts'
import type { HistoryGroup, HistoryRun, RunHistory } from '../comparison/history.ts'
import type { StatisticTrend, TrendChange } from '../comparison/trend.ts'
import { FEWEST_FOR_CHANGE } from '../statistics/change-points.ts'
import { changeInWords, changeOf, differenceLine, rounded } from './comparison.ts'
import { counted, formatQuantity } from './quantity.ts'
import { sparkline } from './sparkline.ts'
import { type Paint, paintFor, plain, wrapped } from './terminal.ts'

const WIDTH = 80
const SPARKLINE_WIDTH = 60
const MOST_LEFT_OUT = 10

/** Returns the history of runs for a terminal. */
export function historyLines(
  history: RunHistory,
  { stream = process.stdout }: { stream?: NodeJS.WritableStream } = {},
): string[] {
  const paint = paintFor(stream)
  const { groups, differences, leftOut } = history
  const several = groups.length > 1
  return [
    '',
    ...(several ? [...separateLines(groups.length, differences), ''] : []),
    ...groups.flatMap((group, index) => groupLines(group, several ? `Group ${index + 1}, ` : '', paint)),
    ...(leftOut.length === 0 ? [] : [...leftOutLines(history).flatMap(line => wrapped(plain(line), WIDTH)), '']),
    ...wrapped(trendMethodOf(history), WIDTH).map(line => paint('dim', line)),
    '',
  ]
}

function separateLines(groups: number, differences: RunHistory['differences']): string[] {
  const lines = [
    `Runs under different conditions are not compared. There are ${groups} groups:`,
    ...differences.map(differenceLine),
  ]
  return lines.flatMap(line => wrapped(plain(line), WIDTH))
}

function groupLines(group: HistoryGroup, name: string, paint: Paint): string[] {
  const ordered = [...group.trends].sort((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0))
  return [
    paint('bold', plain(`${name}${groupTitle(group)}`)),
    ...wrapped(groupVerdict(group), WIDTH),
    '',
    ...ordered.flatMap(trend => trendLines(trend, group, paint)),
    ...(ordered.length === 0 ? [] : ['']),
  ]
}

/** `checkout: 24 runs from 2026-11-01 to 2026-11-24`. */
export function groupTitle({ scenario, runs, olderRuns }: HistoryGroup): string {
  const [first, last] = [runs[0], runs.at(-1)].map(run => dayOf(run?.startedAt ?? 0))
  const time = first === last ? `of ${first}` : `from ${first} to ${last}`
  const older = olderRuns > 0 ? `; ${formatCount(olderRuns)} older left out` : ''
  return `${scenario}: ${counted(runs.length, 'run')} ${time}${older}`
}

/** Returns the answer to the whole group in a sentence. */
export function groupVerdict({ runs, trends, trendsNotKept }: HistoryGroup): string {
  if (runs.length === 1) return 'One run is no trend yet.'
  const having = (state: StatisticTrend['state']) => trends.filter(trend => trend.state === state).length
  const [worse, better, steady] = [having('worse'), having('better'), having('steady')]
  const more =
    trendsNotKept > 0 ? ` ${formatCount(trendsNotKept)} further statistics, which fewer runs have, are left out.` : ''
  if (worse + better + steady === 0) {
    return `Too few runs to tell a change from chance: ${FEWEST_FOR_CHANGE} are needed, better 20.${more}`
  }
  const parts = [
    worse > 0 && `${formatCount(worse)} got worse at the last change`,
    better > 0 && `${formatCount(better)} got better at the last change`,
    steady > 0 && `${formatCount(steady)} ${steady === 1 ? 'shows' : 'show'} no change`,
    having('too-few') > 0 && `${formatCount(having('too-few'))} are in too few runs`,
  ].filter(part => part !== false)
  return `Of ${counted(trends.length, 'statistic')}, ${parts.join(', ')}.${more}`
}

export const trendSigns: Record<StatisticTrend['state'], string> = {
  worse: '✗',
  better: '✓',
  steady: '=',
  'too-few': '?',
}
const colours = { worse: 'red', better: 'green', steady: 'dim', 'too-few': 'yellow' } as const

function trendLines(trend: StatisticTrend, { runs }: HistoryGroup, paint: Paint): string[] {
  const { statistic, state, values, changes, unit } = trend
  const { bars, marks } = sparkline(
    values,
    changes.map(({ run }) => run),
    { width: SPARKLINE_WIDTH, leastRange: leastRangeOf(unit, Math.max(...trend.levels.map(({ value }) => value))) },
  )
  const [first, ...rest] = wrapped(plain(statistic), WIDTH - 2)
  return [
    `${paint(colours[state], trendSigns[state])} ${first}`,
    ...rest.map(line => `  ${line}`),
    `    ${bars}`,
    ...(marks === '' ? [] : [`    ${paint(colours[state], marks)}`]),
    ...wrapped(levelsOf(trend), WIDTH - 4).map(line => `    ${line}`),
    ...changes.flatMap(change =>
      wrapped(`↑ ${plain(changeSentence(change, trend, runs))}`, WIDTH - 4).map(line =>
        paint(colours[change.state], `    ${line}`),
      ),
    ),
  ]
}

/** Returns the least range of an axis up to this value: noise should not look like a change. */
export function leastRangeOf(unit: StatisticTrend['unit'], most: number): number {
  return unit === 'share' ? 0.02 : most * 0.1
}

const MOST_LEVELS = 6

/** `10.1 ms → 12.3 ms, ±1.10 % between runs`. */
export function levelsOf({ levels, unit, noise }: StatisticTrend): string {
  const shown = levels.slice(-MOST_LEVELS).map(({ value }) => formatQuantity(value, unit))
  const spread = noise === undefined ? '' : `, ±${changeOf(noise, unit)} between runs`
  return `${levels.length > MOST_LEVELS ? '… → ' : ''}${shown.join(' → ')}${spread}`
}

/** `slower by 21.8 % (+19.0 % to +24.5 %) from 2026-11-15 02:00 on: nightly/15/result.json, commit=abc`. */
export function changeSentence(change: TrendChange, { unit }: StatisticTrend, runs: readonly HistoryRun[]): string {
  const at = runs[change.run]!
  const tags = Object.entries(at.tags).map(([key, value]) => `, ${key}=${value}`)
  return `${changeInWords(change, unit)} from ${minuteOf(at.startedAt)} on: ${at.path}${tags.join('')}`
}

function leftOutLines({ leftOut }: RunHistory): string[] {
  const lines = leftOut.slice(0, MOST_LEFT_OUT).map(({ reason }) => `left out: ${reason}`)
  return leftOut.length > MOST_LEFT_OUT ? [...lines, `and ${leftOut.length - MOST_LEFT_OUT} more`] : lines
}

export function trendMethodOf({ falseDiscoveryRate }: RunHistory): string {
  return (
    'A change is a shift of the ranks of runs that few random orders of the same runs have: a scan of all intervals with a permutation test. ' +
    `Of all statistics that are said to have changed, ${rounded(falseDiscoveryRate)} at most have not on average (Benjamini–Hochberg). ` +
    'Its interval is a 95 % interval, and does not allow for the choice of its place.'
  )
}

/** `2026-11-15`, in UTC. */
export function dayOf(wallTime: number): string {
  return new Date(wallTime).toISOString().slice(0, 10)
}

/** `2026-11-15 02:00`, in UTC. */
export function minuteOf(wallTime: number): string {
  return new Date(wallTime).toISOString().slice(0, 16).replace('T', ' ')
}
