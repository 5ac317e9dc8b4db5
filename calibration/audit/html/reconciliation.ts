import { type Content, html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { formatCount } from '../../../core/number-format.ts'
import { counted } from '../../../harness/report/quantity.ts'
import type { AuditResult, ComparedRow, ComparedScope, RowJudgement } from '../audit-result.ts'
import { formatCompared } from '../compared-quantity.ts'
import { prose } from './prose.ts'

/** Names of the tool that are listed for one operation. */
const MOST_NAMES = 5

const judgements: Record<RowJudgement, string> = {
  agrees: '✓ agrees',
  explained: '≈ explained',
  wrong: '✗ wrong',
  not_compared: '· not compared',
}

/** The part of the page that compares the tool’s numbers with the ledger. */
export function reconciliation({ comparison }: AuditResult): Markup {
  if (comparison.length === 0) {
    const reason = 'There is no report of the tool to compare with the ledger.'
    return section('reconciliation', 'Tool against ledger', html`<p>${reason}</p>\n`)
  }
  return section(
    'reconciliation',
    'Tool against ledger',
    html`<p>The truth is what the target recorded in its ledger.</p>\n`,
    comparison.map(scope => (scope.operation === undefined ? total(scope) : operation(scope))),
  )
}

function total({ rows }: ComparedScope): Markup {
  return html`<h3>All requests</h3>
${comparedTable('All requests', rows)}`
}

/** Returns the table of an operation, folded unless something is wrong. */
function operation({ operation, names, rows }: ComparedScope): Markup {
  const isWrong = rows.some(({ judgement }) => judgement === 'wrong')
  return html`<details class="scope"${isWrong && html` open`}><summary><strong>${operation}</strong> ${tally(rows)}</summary>
<p class="aside">The tool calls it ${nameList(names)}.</p>
${comparedTable(`Requests of ${operation}`, rows)}</details>
`
}

function tally(rows: readonly ComparedRow[]): Content {
  const words = (['wrong', 'explained', 'agrees'] as const).flatMap(judgement => {
    const count = rows.filter(row => row.judgement === judgement).length
    return count === 0
      ? []
      : [html`<span class="state ${judgement}">${judgements[judgement]}</span>${formatCount(count)}`]
  })
  return words.map(word => html` <span class="tally">${word}</span>`)
}

function nameList(names: readonly string[]): Content {
  const shown = names.slice(0, MOST_NAMES)
  const more = names.length - shown.length
  return html`${shown.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}${more > 0 && `, and ${counted(more, 'other name')}`}`
}

function comparedTable(caption: string, rows: readonly ComparedRow[]): Markup {
  const columns: Column<ComparedRow>[] = [
    {
      title: 'Judgement',
      cell: ({ judgement }) => html`<span class="state ${judgement}">${judgements[judgement]}</span>`,
    },
    { title: 'What', kind: 'head', cell: ({ what }) => what },
    numeric('Tool', ({ tool, unit }) => (tool === undefined ? '–' : formatCompared(tool, unit))),
    numeric('Truth', ({ truth, unit }) => (truth === undefined ? '–' : formatCompared(truth, unit))),
    numeric('Difference', difference),
    { title: 'Reason', kind: 'prose', cell: ({ reason }) => reason !== undefined && prose(reason) },
  ]
  return table(caption, columns, rows)
}

function difference({ difference, unit, judgement }: ComparedRow): Content {
  if (difference === undefined) return '–'
  const text = `${difference > 0 ? '+' : ''}${formatCompared(difference, unit)}`
  return judgement === 'wrong' ? html`<strong class="differs">${text}</strong>` : text
}
