import { formatCount } from '../../../core/number-format.ts'
import { asSentence } from '../../../harness/report/headline.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { counted } from '../../../harness/report/quantity.ts'
import type { AuditResult, MutationOutcome, MutationScore } from '../audit-result.ts'

const states: Record<MutationOutcome['state'], string> = {
  noticed: '✓ noticed',
  missed: '✗ missed',
  not_reached: '· not reached',
}

/** The part of the page that says which broken services the script would notice. */
export function mutations({ mutations }: AuditResult): Markup {
  if (mutations === undefined) {
    return section(
      'mutations',
      'Would it notice a broken service?',
      html`<p>Nobody has tried. <code>--mutate</code> breaks the service in one way after another and watches whether the script’s own report shows it.</p>\n`,
    )
  }
  const { noticed, tried, outcomes, skipped } = mutations
  const columns: Column<MutationOutcome>[] = [
    { title: 'State', cell: ({ state }) => html`<span class="state ${state}">${states[state]}</span>` },
    { title: 'Mutation', kind: 'head', cell: ({ title }) => asSentence(title) },
    numeric('Changed', ({ injected }) => formatCount(injected)),
    { title: 'What showed it', kind: 'prose', cell: ({ evidence }) => evidence.map(asSentence).join(' ') },
    {
      title: 'Check that would catch it',
      kind: 'prose',
      cell: ({ check }) => check !== undefined && asSentence(check),
    },
  ]
  return section(
    'mutations',
    'Would it notice a broken service?',
    html`<p>The script noticed ${formatCount(noticed)} of ${counted(tried, 'mutation')}. Each is one way to break the service; it is noticed if failures, a threshold or the exit code show it.</p>\n`,
    outcomes.length > 0 && table('Mutations of the service', columns, outcomes),
    skippedList(skipped),
  )
}

function skippedList(skipped: MutationScore['skipped']): Markup | undefined {
  if (skipped.length === 0) return undefined
  return html`<details><summary>${counted(skipped.length, 'mutation')} that could not affect what the script requests</summary>
<ul class="remarks">${skipped.map(({ id, reason }) => html`<li><code>${id}</code> ${reason}</li>\n`)}</ul></details>\n`
}
