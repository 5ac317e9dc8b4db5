import type { CheckRow, CheckState } from '../check-row.ts'
import type { FaultsCheck, FaultsGroup } from './faults-check.ts'

/** Returns the findings of a calibration as Markdown. */
export function faultsCheckMarkdown({ groups, decisions, late, level }: FaultsCheck, seed: number): string {
  const rows = groups.flatMap(group => group.rows)
  const outside = rows.filter(({ state }) => state === 'outside').length
  const invalid = rows.filter(({ state }) => state === 'invalid')
  const { count, digests } = decisions
  const same = digests[0] === digests[1]
  return [
    `Seed ${seed}, Node ${process.version}: ${rows.length} rows, ${outside === 0 ? (invalid.length === 0 ? 'all within' : 'none outside') : `**${outside} outside**`} their intervals (${level * 100} % each).`,
    ...(invalid.length === 0
      ? []
      : [
          '',
          `**${invalid.length} invalid**: the machine was too busy with something else, so they say nothing about the target.`,
        ]),
    '',
    `Decisions for ${count} exchanges and messages, SHA-256 \`${digests[0]}\`; a second target with the same seed has ${same ? 'the same' : `**another**: \`${digests[1]}\``}.`,
    '',
    `Delays came later than planned by ${shown(late.percentile(50))} ms in the median and ${shown(late.percentile(99))} ms at p99; none came early.`,
    ...groupLines(groups),
  ].join('\n')
}

/** Returns groups as tables with titles. */
export function groupLines(groups: readonly FaultsGroup[]): string[] {
  return groups.flatMap(({ title, rows }) => ['', `### ${title}`, '', ...tableOf(rows)])
}

function tableOf(rows: readonly CheckRow[]): string[] {
  return [
    '| what | expected | observed | interval | |',
    '| --- | --: | --: | --: | --- |',
    ...rows.map(row => `| ${[row.what, ...cells(row)].join(' | ')} |`),
  ]
}

const verdicts: Record<CheckState, string> = { within: '✓', outside: '**✗**', invalid: '**invalid**' }

function cells({ unit, theory, observed, interval, state, reason }: CheckRow): string[] {
  const verdict = reason === undefined ? verdicts[state] : `${verdicts[state]}: ${reason}`
  if (unit === 'count') return [String(theory), String(observed), 'exactly', verdict]
  const suffix = unit === 'ms' ? ' ms' : unit === 'share' ? ' %' : unit === 'per second' ? ' /s' : ''
  const scale = unit === 'share' ? 100 : 1
  const value = (number: number) => `${shown(number * scale)}${suffix}`
  return [value(theory), value(observed), `${shown(interval.low * scale)} … ${value(interval.high)}`, verdict]
}

function shown(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '∞'
  return value !== 0 && Math.abs(value) < 10 ? value.toPrecision(3) : value.toFixed(1)
}
