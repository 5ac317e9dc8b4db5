import { formatCount, formatNumber } from '../../core/number-format.ts'
import type { CertifiedSubject, HarnessCertificate } from './certificate.ts'
import { invalidWarning } from './certificate-markdown.ts'
import { rowText, stateWords, verdictWords } from './row-text.ts'

/** Returns a certificate as lines for a terminal: a line for each subject, and each row that is not within its interval. */
export function certificateLines({ verdict, counts, subjects }: HarnessCertificate): string[] {
  const total = counts.within + counts.outside + counts.invalid
  const additions = subjects.flatMap(each => each.additions)
  return [
    `${verdictWords[verdict]}: ${formatCount(counts.within)} of ${formatCount(total)} rows within their intervals, ${counts.outside} outside, ${counts.invalid} invalid`,
    ...subjects.flatMap(subjectLines),
    ...additions.map(
      ({ to, medianMs, p99Ms }) =>
        `  the harness adds to ${to}: ${formatNumber(medianMs)} ms in the median, ${formatNumber(p99Ms)} ms at p99`,
    ),
    ...(counts.invalid > 0 ? [invalidWarning(counts.invalid).replaceAll('**', '')] : []),
  ]
}

/** Returns a line for a subject, and one for each row that is not within its interval. */
export function subjectLines({ title, rows }: CertifiedSubject): string[] {
  const within = rows.filter(({ state }) => state === 'within').length
  const conspicuous = rows.filter(({ state }) => state !== 'within')
  return [
    `  ${title}: ${within} of ${rows.length} rows within`,
    ...conspicuous.map(row => {
      const { expected, observed, interval } = rowText(row)
      const reason = row.reason === undefined ? '' : `; ${row.reason}`
      return `    ${stateWords[row.state]}: ${row.what}: expected ${expected}, observed ${observed} (${interval})${reason}`
    }),
  ]
}
