import { type LedgerTable, ledgerTables } from '../../contract/ledger-tables.ts'
import type { LedgerReport } from '../../contract/ledger.ts'

/** Nothing is inline but the style of `/docs`, and nothing comes from elsewhere. */
export const ledgerPagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Returns the ledger of a run as a page, with links to all runs. */
export function ledgerPage(report: LedgerReport, runs: readonly string[]): string {
  const others = runs.filter(run => run !== report.run)
  const links = others.map(run => `<a href="?run=${encodeURIComponent(run)}">${escaped(run)}</a>`).join(', ')
  const tables = ledgerTables(report)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ledger of ${escaped(report.run)}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main class="wide">
<h1>Ledger of run ${escaped(report.run)}</h1>
<p>What truly happened, as the target saw it. <a href="ledger?run=${encodeURIComponent(report.run)}">The same as JSON</a>${links === '' ? '' : `; other runs: ${links}`}.</p>
${tables.length === 0 ? '<p>No request of this run has come.</p>' : tables.map(tableMarkup).join('\n')}
</main>
</body>
</html>
`
}

function tableMarkup({ title, columns, rows }: LedgerTable): string {
  const head = columns.map(column => `<th scope="col">${escaped(column)}</th>`).join('')
  const body = rows
    .map(([name = '', ...cells]) => {
      const numbers = cells.map(cell => `<td>${escaped(cell)}</td>`).join('')
      return `<tr><th scope="row">${escaped(name)}</th>${numbers}</tr>`
    })
    .join('\n')
  return `<h2>${escaped(title)}</h2>
<div class="scroll"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
