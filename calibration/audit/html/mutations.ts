import { formatCount } from '../../../core/number-format.ts'
import { type Content, html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { counted } from '../../../harness/report/quantity.ts'
import type { AuditResult, MutationOutcome, MutationScore } from '../audit-result.ts'
import { prose } from './prose.ts'

const states: Record<MutationOutcome['state'], string> = {
  noticed: '✓ noticed',
  missed: '✗ missed',
  unclear: '? unclear',
  not_reached: '· not reached',
}

/** The part of the page about the mutations of the service. */
export function mutations({ mutations }: AuditResult): Markup {
  if (mutations === undefined) {
    return section(
      'mutations',
      'Would it notice a broken service?',
      html`<p>This was not tested. With <code>--mutate</code>, the audit breaks the service in one way after another and checks whether the script’s own report shows it.</p>\n`,
    )
  }
  const { noticed, tried, outcomes, skipped } = mutations
  const columns: Column<MutationOutcome>[] = [
    { title: 'State', cell: ({ state }) => html`<span class="state ${state}">${states[state]}</span>` },
    { title: 'Mutation', kind: 'head', cell: ({ title }) => prose(title) },
    { title: 'What showed it, or the check that would', kind: 'prose', cell: proofOf },
    numeric('Changed', ({ injected }) => formatCount(injected)),
  ]
  return section(
    'mutations',
    'Would it notice a broken service?',
    html`<p>The script noticed ${formatCount(noticed)} of ${counted(tried, 'mutation')}. Each mutation breaks the service in one way. It is noticed if failures, a threshold or the exit code show it.</p>\n`,
    outcomes.length > 0 && table('Mutations of the service', columns, outcomes),
    skippedList(skipped),
  )
}

function proofOf({ state, evidence, check, hidden }: MutationOutcome): Content {
  if (state === 'not_reached') return 'No request met it.'
  if (hidden !== undefined) return prose(hidden)
  return html`${evidence.map(each => html`<span class="line">${prose(each)}</span>`)}${check !== undefined && html`<span class="check">${prose(check)}</span>`}`
}

function skippedList(skipped: MutationScore['skipped']): Markup | undefined {
  if (skipped.length === 0) return undefined
  return html`<details><summary>${counted(skipped.length, 'mutation')} that could not affect what the script requests</summary>
<ul class="remarks">${skipped.map(({ id, reason }) => html`<li><code>${id}</code> ${reason}</li>\n`)}</ul></details>\n`
}
