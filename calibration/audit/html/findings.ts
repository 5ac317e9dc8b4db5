import { formatCount } from '../../../core/number-format.ts'
import { asSentence } from '../../../harness/report/headline.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { section } from '../../../harness/report/html/table.ts'
import { counted, formatPart } from '../../../harness/report/quantity.ts'
import type { AuditResult, ReviewFinding, FindingExample } from '../audit-result.ts'
import { prose } from './prose.ts'

/** Findings that are shown in full; the others are folded. */
const WORST = 3

const harms: Record<ReviewFinding['harm'], string> = {
  high: '✗ much harm',
  medium: '! some harm',
  low: '· little harm',
}

/** The part of the page about the mistakes of the script. */
export function findings({ findings }: AuditResult): Markup {
  if (findings.length === 0) {
    return section('findings', 'The script', html`<p>No mistakes were found in what the script did.</p>\n`)
  }
  const worst = findings.slice(0, WORST)
  const others = findings.slice(WORST)
  return section(
    'findings',
    'The script',
    html`<p>Mistakes in what the script did, found in the ledger. The most harmful come first.</p>\n`,
    worst.map(
      finding => html`<article class="finding">
<h3>${title(finding)}</h3>
${description(finding)}</article>\n`,
    ),
    others.length > 0 && html`<h3 class="others">And ${counted(others.length, 'other')}</h3>\n`,
    others.map(
      finding => html`<details class="finding">
<summary>${title(finding)}</summary>
${description(finding)}</details>\n`,
    ),
  )
}

function title({ harm, title }: ReviewFinding): Markup {
  return html`<span class="state ${harm}">${harms[harm]}</span> ${asSentence(title)}`
}

function description({ count, of, example, why, advice }: ReviewFinding): Markup {
  return html`<dl class="finding-parts">
<dt>Found</dt><dd>${formatCount(count)}${of !== undefined && ` of ${formatCount(of)}, ${formatPart(count, of)}`}</dd>
${example !== undefined && html`<dt>For example</dt><dd>${exampleOf(example)}</dd>\n`}<dt>Why it matters</dt><dd>${prose(why)}</dd>
<dt>What to do</dt><dd>${prose(advice)}</dd>
</dl>
`
}

function exampleOf({ operation, at, status, details }: FindingExample): Markup {
  const time = new Date(at).toISOString()
  const request = details === undefined ? operation : `${details.method} ${details.url}`
  const facts = [
    status === 0 ? 'not answered' : `answered with ${status}`,
    ...(details === undefined ? [] : [operation, `connection ${details.connection}`]),
    ...(details?.caller === undefined ? [] : [details.caller]),
  ]
  return html`<code>${request}</code> <span class="part">at <time datetime="${time}">${time.slice(11, 23)} UTC</time>, ${facts.join(', ')}</span>`
}
