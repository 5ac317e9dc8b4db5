import { formatNumber } from '../../core/number-format.ts'
import { formatDuration } from '../../core/duration.ts'
import type { HarnessCertificate } from './certificate.ts'
import { rowText, stateWords, verdictWords } from './row-text.ts'

const STATE = 'state'

/** Returns a certificate as Markdown. */
export function certificateMarkdown(certificate: HarnessCertificate): string {
  const { verdict, counts, environment, version, seed, size, level, durationMs, subjects } = certificate
  const total = counts.within + counts.outside + counts.invalid
  const additions = subjects.flatMap(each => each.additions)
  return [
    `**${verdictWords[verdict]}**: ${counts.within} of ${total} rows within their intervals, ${counts.outside} outside, ${counts.invalid} invalid (statistical intervals of ${level * 100} %).`,
    '',
    `Loadcell ${version}, Node ${environment.node}, ${environment.platform}, ${environment.cpuCount} × ${environment.cpuModel}; seed ${seed}, ${size}, ${formatDuration(Math.round(durationMs / 1000) * 1000)}.`,
    ...(counts.invalid > 0 ? ['', invalidWarning(counts.invalid)] : []),
    ...(additions.length === 0
      ? []
      : [
          '',
          '### Resolution',
          '',
          'Added by the harness and the loopback network to a time of the target:',
          '',
          ...tableOf(['to', 'median', 'p99', 'samples'], additions.map(additionCells)),
        ]),
    ...subjects.flatMap(({ title, question, method, rows }) => [
      '',
      `### ${title}`,
      '',
      `${question} ${method}`,
      '',
      ...tableOf(
        ['what', 'expected', 'observed', 'interval', STATE],
        rows.map(row => {
          const { expected, observed, interval } = rowText(row)
          const state = row.reason === undefined ? stateWords[row.state] : `${stateWords[row.state]}: ${row.reason}`
          return [row.what, expected, observed, interval, state]
        }),
      ),
    ]),
  ].join('\n')
}

/** Returns a sentence that nobody should miss. */
export function invalidWarning(invalid: number): string {
  const rows = invalid === 1 ? 'ONE ROW IS INVALID' : `${invalid} ROWS ARE INVALID`
  return `**${rows}**: the machine was too busy with something else, or a second measurement disagreed, so they prove nothing about the harness. Run it again on a quiet machine.`
}

function additionCells({ to, medianMs, p99Ms, count }: HarnessCertificate['subjects'][number]['additions'][number]) {
  return [to, `${formatNumber(medianMs)} ms`, `${formatNumber(p99Ms)} ms`, String(count)]
}

/** Returns a table whose columns are numbers, except the first and that of the state. */
function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const alignments = titles.map((title, index) => (index === 0 || title === STATE ? '---' : '--:'))
  return [
    `| ${titles.join(' | ')} |`,
    `| ${alignments.join(' | ')} |`,
    ...rows.map(cells => `| ${cells.join(' | ')} |`),
  ]
}
