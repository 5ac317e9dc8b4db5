import { formatCount, formatNumber } from '../../core/number-format.ts'
import type { RunComparison, ComparisonRow } from '../comparison/comparison.ts'
import type { ConditionDifference } from '../comparison/conditions.ts'
import type { TrendChange } from '../comparison/trend.ts'
import { MOST_ROUNDS } from '../statistics/power.ts'
import { counted, formatQuantity } from './quantity.ts'
import { type Paint, paintFor, plain, wrapped } from './terminal.ts'

const WIDTH = 80
const MOST_MISSING = 5

/** Returns a comparison for a terminal. */
export function comparisonLines(
  comparison: RunComparison,
  { stream = process.stdout }: { stream?: NodeJS.WritableStream } = {},
): string[] {
  const paint = paintFor(stream)
  const { rows, missing } = comparison
  return [
    '',
    paint('bold', headingOf(comparison)),
    ...wrapped(plain(verdictOf(comparison)), WIDTH),
    '',
    ...rows.flatMap(row => rowLines(row, paint)),
    ...(missing.length === 0 ? [] : ['', ...missingLines(comparison).flatMap(line => wrapped(plain(line), WIDTH))]),
    ...warningsOf(comparison).flatMap(warning => ['', ...wrapped(`! ${plain(warning)}`, WIDTH)]),
    '',
    ...wrapped(methodOf(comparison), WIDTH).map(line => paint('dim', line)),
    '',
  ]
}

/** Returns what the runs of a target that is compared with itself say about the noise of the machine. */
export function noiseLines({ rows, base, other }: RunComparison): string[] {
  const runs = Math.min(base.runs.length, other.runs.length)
  const width = Math.max(0, ...rows.map(({ statistic }) => statistic.length))
  return [
    `The noise of this machine: ${counted(runs, 'run')} of each side detect, in four of five comparisons, a change from`,
    ...rows.map(
      ({ statistic, unit, verdict }) =>
        `  ${plain(statistic).padEnd(width)}  ${signedChange(verdict.smallestDetectable, unit)}`,
    ),
    '',
  ]
}

/** Returns a comparison as Markdown, for a comment on a pull request. */
export function comparisonMarkdown(comparison: RunComparison): string {
  const { rows, missing } = comparison
  const table = rows.map(row => {
    const { statistic, base, other, unit, verdict } = row
    const cells = [
      `\`${escaped(statistic)}\``,
      formatQuantity(base, unit),
      formatQuantity(other, unit),
      signedChange(verdict.change, unit),
      `${signs[row.state]} ${sentenceOf(row)}`,
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `### ${escaped(headingOf(comparison))}`,
    '',
    escaped(verdictOf(comparison)),
    '',
    '| statistic | base | new | change | verdict |',
    '| --- | --: | --: | --: | --- |',
    ...table,
    '',
    ...(missing.length === 0 ? [] : [missingLines(comparison).map(escaped).join('<br>'), '']),
    ...warningsOf(comparison).flatMap(warning => [`⚠️ ${escaped(warning)}`, '']),
    `<sub>${methodOf(comparison)}</sub>`,
    '',
  ].join('\n')
}

/** Returns text that breaks out of neither a table nor its code. */
function escaped(text: string): string {
  return plain(text).replaceAll(/[|`<>&]/g, character => `&#${character.charCodeAt(0)};`)
}

export const signs: Record<ComparisonRow['state'], string> = { worse: '✗', better: '✓', same: '=', unclear: '?' }
const colours = { worse: 'red', better: 'green', same: 'dim', unclear: 'yellow' } as const

export function headingOf({ base, other }: RunComparison): string {
  const runs = `${counted(base.runs.length, 'base run')} and ${counted(other.runs.length, 'new run')}`
  return base.scenario === other.scenario
    ? `${plain(base.scenario)}: ${runs}`
    : `${plain(base.scenario)} and ${plain(other.scenario)}: ${runs}`
}

/** Returns the answer to the whole comparison in a sentence. */
export function verdictOf({ rows, tolerance }: RunComparison): string {
  const having = (state: ComparisonRow['state']) => rows.filter(row => row.state === state).length
  if (rows.length === 0) return 'Nothing can be compared: no statistic is in every run.'
  const parts = [
    having('worse') > 0 && `${formatCount(having('worse'))} got worse`,
    having('better') > 0 && `${formatCount(having('better'))} got better`,
    having('same') > 0 && `${formatCount(having('same'))} did not change by more than ${rounded(tolerance)}`,
    having('unclear') > 0 && `${formatCount(having('unclear'))} cannot be told from noise`,
  ].filter(part => part !== false)
  return `Of ${counted(rows.length, 'statistic')}, ${parts.join(', ')}.`
}

function rowLines(row: ComparisonRow, paint: Paint): string[] {
  const { statistic, unit, base, other, verdict, state } = row
  const figures = `${formatQuantity(base, unit)} → ${formatQuantity(other, unit)}  ${signedChange(verdict.change, unit)}`
  const [first, ...rest] = wrapped(plain(statistic), WIDTH - 2)
  return [
    `${paint(colours[state], signs[state])} ${first}`,
    ...rest.map(line => `  ${line}`),
    `    ${figures}`,
    ...wrapped(sentenceOf(row), WIDTH - 4).map(line => paint(colours[state], `    ${line}`)),
  ]
}

/** Returns one of three answers: changed, not by more than so much, or cannot tell. */
function sentenceOf({ state, unit, verdict }: ComparisonRow): string {
  const { interval, largest, smallestDetectable, change } = verdict
  const about = (value: number) => changeOf(value, unit)
  switch (state) {
    case 'worse':
    case 'better':
      return changeInWords({ state, change, interval }, unit)
    case 'same':
      return `no difference larger than ${about(largest).replace('<', '')}`
    case 'unclear':
      return `cannot tell: these runs show differences from ${about(Math.abs(smallestDetectable))} on; ${moreRoundsOf(verdict)} needed`
  }
}

/** `slower by 21.8 % (+19.0 % to +24.5 %)`. */
export function changeInWords(
  { state, change, interval }: Pick<TrendChange, 'state' | 'change' | 'interval'>,
  unit: ComparisonRow['unit'],
): string {
  const isSpeed = unit === 'ms' || unit === 'per second'
  const word = isSpeed ? (state === 'worse' ? 'slower' : 'faster') : state
  return `${word} by ${changeOf(Math.abs(change), unit)} (${signedChange(interval.low, unit)} to ${signedChange(interval.high, unit)})`
}

/** Returns how many rounds a comparison lacks: `about 3 more rounds`. */
export function moreRoundsOf({ moreRounds }: ComparisonRow['verdict']): string {
  if (moreRounds >= MOST_ROUNDS / 2) return 'hundreds of more rounds'
  return `about ${moreRounds} more ${moreRounds === 1 ? 'round' : 'rounds'}`
}

/** Formats a change: relative, or in percentage points for shares. */
export function changeOf(change: number, unit: ComparisonRow['unit']): string {
  if (unit === 'share') return `${formatNumber(change * 100)} points`
  return change > 9.995 ? `${formatNumber(1 + change)} times` : percent(change)
}

/** Formats a change with its sign: `+4.20 %`, `−1.00 points`, `× 12.0`. */
export function signedChange(change: number, unit: ComparisonRow['unit']): string {
  if (change > 9.995 && unit !== 'share') return `× ${formatNumber(1 + change)}`
  return `${change > 0 ? '+' : ''}${changeOf(change, unit)}`
}

/** Formats the ends of an interval for a narrow column, with their unit once: `+1.54 to +2.84 points`. */
export function signedInterval({ low, high }: { low: number; high: number }, unit: ComparisonRow['unit']): string {
  const [from, to] = [signedChange(low, unit), signedChange(high, unit)]
  const suffix = / (?:%|points)$/
  return suffix.exec(from)?.[0] === suffix.exec(to)?.[0] ? `${from.replace(suffix, '')} to ${to}` : `${from} to ${to}`
}

function percent(share: number): string {
  return `${formatNumber(share * 100)} %`
}

/** Formats a setting as it was given: `5 %`. */
export function rounded(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`
}

export function missingLines({ missing, base, other }: RunComparison): string[] {
  const lines = missing
    .slice(0, MOST_MISSING)
    .map(
      each =>
        `not compared: ${each.statistic} (in ${each.base} of ${base.runs.length} base and ${each.other} of ${other.runs.length} new runs)`,
    )
  return missing.length > MOST_MISSING ? [...lines, `and ${missing.length - MOST_MISSING} more`] : lines
}

export function warningsOf({ differences, defects }: RunComparison): string[] {
  return [...differences.map(differenceLine), ...defects.map(({ path, defect }) => `${path}: ${defect}`)]
}

/** Returns a condition in which runs differ, as a sentence. */
export function differenceLine({ condition, values }: ConditionDifference): string {
  const each = values.map(({ value, paths }) => {
    const [first = '', ...others] = paths
    return `${value} in ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`
  })
  return `the ${condition} ${condition.endsWith('s') ? 'differ' : 'differs'}: ${each.join('; ')}`
}

export function methodOf({ falseDiscoveryRate, tolerance, shareTolerance }: RunComparison): string {
  const rate = rounded(falseDiscoveryRate)
  return (
    'Runs are the sample: intervals are 95 % intervals from a bootstrap over runs and the requests within them. ' +
    `Of all that is called slower, faster, worse or better, ${rate} at most are false on average (Benjamini–Hochberg), and their intervals allow for the selection. ` +
    `No difference means none above ${rounded(tolerance)} (${counted(shareTolerance * 100, 'point')} for shares).`
  )
}
