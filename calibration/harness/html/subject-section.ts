import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { counted } from '../../../harness/report/quantity.ts'
import type { CertifiedRow, CertifiedSubject } from '../certificate.ts'
import { rowText, stateWords } from '../row-text.ts'

/** Rows up to which a table is not folded. */
const MOST_OPEN = 30

/** Returns the section of one subject: those rows first that are not within their intervals, then all of them. */
export function subjectSection({ name, title, question, method, rows }: CertifiedSubject): Markup {
  const conspicuous = rows.filter(({ state }) => state !== 'within')
  const all = rowTable(`Rows on ${title.toLowerCase()}`, rows)
  return section(
    name,
    title,
    html`<p><strong>${question}</strong> ${method}</p>\n`,
    conspicuous.length > 0 && rowTable(`Rows on ${title.toLowerCase()} that are not within`, conspicuous),
    rows.length <= MOST_OPEN && conspicuous.length === 0
      ? all
      : html`<details><summary>All ${counted(rows.length, 'row')}</summary>\n${all}</details>\n`,
  )
}

function rowTable(caption: string, rows: readonly CertifiedRow[]): Markup {
  const columns: Column<CertifiedRow>[] = [
    { title: 'State', cell: ({ state }) => html`<span class="state ${state}">${stateWords[state]}</span>` },
    { title: 'What', kind: 'head', cell: ({ what }) => what },
    numeric('Expected', row => rowText(row).expected),
    numeric('Observed', row => rowText(row).observed),
    numeric('Interval', row => rowText(row).interval),
    ...(rows.some(({ reason }) => reason !== undefined)
      ? [{ title: 'Reason', kind: 'prose', cell: ({ reason }: CertifiedRow) => reason } as const]
      : []),
  ]
  return table(caption, columns, rows)
}
