import { formatDuration } from '../../core/duration.ts'
import { formatCount } from '../../core/number-format.ts'
import { counted, formatRate } from '../../harness/report/quantity.ts'
import { clipped, type Paint, plain, wrapped } from '../../harness/report/terminal.ts'
import type {
  AuditResult,
  ComparedRow,
  ComparedScope,
  ReviewFinding,
  RowJudgement,
  VerdictWord,
} from './audit-result.ts'
import { formatCompared } from './compared-quantity.ts'

const WIDTH = 100
const WORST_FINDINGS = 3
const MOST_NAMES = 3
const NAME_WIDTH = 60
const COLUMNS = { what: 22, number: 14 }

export const verdictTitles: Record<VerdictWord, string> = {
  trustworthy: 'TRUSTWORTHY',
  true_but_blind: 'TRUE BUT BLIND',
  wrong: 'WRONG',
  inconclusive: 'INCONCLUSIVE',
}

const colours = { trustworthy: 'green', true_but_blind: 'yellow', wrong: 'red', inconclusive: 'yellow' } as const
const marks: Record<RowJudgement, string> = { agrees: '✓', explained: '≈', wrong: '✗', not_compared: '·' }

/** Lines of the terminal: the verdict, the worst findings, then the tables. */
export function auditLines(result: AuditResult, paint: Paint): string[] {
  const { verdict } = result
  const title = paint(colours[verdict.word], paint('bold', verdictTitles[verdict.word]))
  return [
    '',
    `${title}  ${sentence(verdict.sentence)}`,
    ...result.doubts.slice(1).flatMap(doubt => indented(sentence(doubt), 2)),
    ...commandLines(result, paint),
    ...findingLines(result.findings, paint),
    ...comparisonLines(result.comparison, paint),
    ...accountLines(result, paint),
    ...loadLines(result, paint),
    ...latencyLines(result, paint),
    ...mutationLines(result, paint),
    '',
  ]
}

function commandLines({ subject: { command } }: AuditResult, paint: Paint): string[] {
  if (command === undefined) return []
  const { program, exitCode, signal, stopped, durationMs, added } = command
  const end = exitCode === null ? (signal ?? 'an unknown end') : `exit code ${exitCode}`
  const why = stopped === undefined ? '' : `, stopped by the audit (${stopped})`
  return [
    ...indented(plain(`${program} ended with ${end} after ${formatDuration(Math.round(durationMs))}${why}.`), 2),
    ...added.flatMap(sentence => indented(plain(`Added: ${sentence}.`), 2)),
  ].map(line => paint('dim', line))
}

function findingLines(findings: readonly ReviewFinding[], paint: Paint): string[] {
  if (findings.length === 0) return []
  const worst = findings.slice(0, WORST_FINDINGS)
  const more = findings.length - worst.length
  return [
    '',
    paint('bold', 'The script'),
    ...worst.flatMap(({ harm, title, advice }) => [
      ...indented(`${harm === 'high' ? paint('red', '!') : '!'} ${plain(title)}`, 2),
      ...indented(plain(advice), 6).map(line => paint('dim', line)),
    ]),
    ...(more > 0 ? [`  and ${more} more in the report`] : []),
  ]
}

function comparisonLines(comparison: readonly ComparedScope[], paint: Paint): string[] {
  return comparison.flatMap(({ operation, names, rows }) => {
    const heading = operation === undefined ? 'All requests' : `${operation}  ${paint('dim', namesOf(names))}`
    return [
      '',
      paint('bold', heading),
      paint(
        'dim',
        `    ${'what'.padEnd(COLUMNS.what)}${'tool'.padStart(COLUMNS.number)}${'truth'.padStart(COLUMNS.number)}${'difference'.padStart(COLUMNS.number)}`,
      ),
      ...rows.flatMap(row => comparedLines(row, paint)),
    ]
  })
}

/** Names of one operation, as far as they fit on a line: a script may name each product. */
function namesOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  const shown = names.slice(0, MOST_NAMES).map(name => clipped(plain(name), NAME_WIDTH))
  return `${shown.join(', ')}${more > 0 ? `, and ${counted(more, 'other name')}` : ''}`
}

function comparedLines(row: ComparedRow, paint: Paint): string[] {
  const { what, judgement, reason } = row
  const mark = judgement === 'wrong' ? paint('red', marks.wrong) : marks[judgement]
  const numbers = [row.tool, row.truth, row.difference].map(value =>
    (value === undefined ? '–' : formatCompared(value, row.unit)).padStart(COLUMNS.number),
  )
  return [
    `  ${mark} ${plain(what).padEnd(COLUMNS.what)}${numbers.join('')}`,
    ...(reason === undefined || judgement === 'agrees'
      ? []
      : indented(plain(reason), 6).map(line => paint('dim', line))),
  ]
}

function accountLines({ accounting }: AuditResult, paint: Paint): string[] {
  const { total, unmatchedNames, setAside = [] } = accounting
  const classes = [
    ['counted by both', total.counted],
    ['refused before their operation, and counted by both', total.rejected],
    ['in flight when the tool stopped', total.inFlight],
    ['answered after the tool stopped counting', total.late],
    ['broken, sent again by the tool’s client, and counted once', total.resent],
    ['sent by the tool before it began to count', total.warmUp],
    ['received, and not reported by the tool', total.missing],
  ] as const
  return [
    '',
    paint('bold', `Where ${counted(total.arrivals, 'request')} went`),
    ...classes.filter(([, count]) => count > 0).map(([what, count]) => `  ${formatCount(count).padStart(12)}  ${what}`),
    ...(total.neverReceived > 0
      ? [`  ${formatCount(total.neverReceived).padStart(12)}  more reported by the tool, and never received`]
      : []),
    ...unmatchedNames.map(
      ({ name, requests, reason }) =>
        `  ${clipped(plain(name), NAME_WIDTH)} (${formatCount(requests)}) is not compared: ${plain(reason)}`,
    ),
    ...setAside.map(
      ({ operation, arrivals, reason }) =>
        `  ${formatCount(arrivals)} more of ${operation} are not compared: ${plain(reason)}`,
    ),
  ]
}

function loadLines({ load }: AuditResult, paint: Paint): string[] {
  if (load.requests === 0) return []
  return [
    '',
    paint('bold', 'The load that arrived'),
    `  ${formatRate(load.ratePerSecond)} requests a second, ${load.concurrency.mean.toFixed(1)} under way on average, ${load.concurrency.peak} at most`,
    ...[
      load.spacing.sentence,
      load.ramp.sentence,
      load.connections.sentence,
      load.model.sentence,
      ...load.asked,
    ].flatMap(each => indented(sentence(each), 2)),
  ]
}

function latencyLines({ latency }: AuditResult, paint: Paint): string[] {
  if (latency.remarks.length === 0) return []
  return ['', paint('bold', 'Latency'), ...latency.remarks.flatMap(remark => indented(plain(remark), 2))]
}

function mutationLines({ mutations }: AuditResult, paint: Paint): string[] {
  if (mutations === undefined) return []
  return [
    '',
    paint('bold', `Mutations of the service: noticed ${mutations.noticed} of ${mutations.tried}`),
    ...mutations.outcomes.flatMap(({ state, title, evidence, check, hidden }) => {
      const mark = { noticed: paint('green', '✓'), missed: paint('red', '✗'), unclear: '?', not_reached: '·' }[state]
      const note = check ?? hidden ?? (state === 'noticed' ? evidence.join('; ') : 'no request met it')
      return [`  ${mark} ${plain(title)}`, ...indented(plain(note), 6).map(line => paint('dim', line))]
    }),
    ...mutations.skipped.map(({ id, reason }) => paint('dim', `  · ${id}: ${plain(reason)}`)),
  ]
}

function indented(text: string, spaces: number): string[] {
  return wrapped(text, WIDTH - spaces).map(line => `${' '.repeat(spaces)}${line}`)
}

/** Returns a clause as a sentence. */
function sentence(clause: string): string {
  const text = plain(clause)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
