import { createHash } from 'node:crypto'
import { type LedgerTable, ledgerTables } from '../../contract/ledger-tables.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { formatCount } from '../../core/number-format.ts'

/** Runs that the page links to. */
const MOST_LINKS = 50

/** The colours and shapes of the reports of runs and audits. */
const style = `:root { color-scheme: light dark; --paper: #fcfbf9; --ink: #1f2328; --muted: #5c636b; --line: #e2dfd9; --blue: #2c62a8; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #16191d; --ink: #e4e2dd; --muted: #a0a5ab; --line: #31363c; --blue: #79aee8; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 48px; }
h1 { margin: 0 0 4px; font-size: 30px; font-weight: 650; line-height: 1.2; letter-spacing: -0.02em; overflow-wrap: anywhere; }
h2 { margin: 36px 0 4px; font-size: 19px; font-weight: 600; letter-spacing: -0.01em; }
p, nav { max-width: 76ch; margin: 0 0 8px; color: var(--muted); overflow-wrap: anywhere; }
a { color: var(--blue); }
nav ul { display: inline; padding: 0; }
nav li { display: inline-block; margin: 0 12px 0 0; }
nav [aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 6px 0 6px 20px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: baseline; white-space: nowrap; }
thead th { color: var(--muted); font-size: 13px; font-weight: 500; }
tr > :first-child { min-width: 11em; padding-left: 0; text-align: left; }
tbody th { max-width: 40em; font-weight: 500; white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 600px) { main { padding: 24px 16px; } }
@media print { main { max-width: none; padding: 0; } .table { overflow: visible; } th, td { padding-left: 8px; font-size: 8pt; } nav { display: none; } }
`

const styleHash = createHash('sha256').update(style).digest('base64')

/** The page needs nothing but its own style: the control plane may have a port of its own, without the files of `/docs`. */
export const ledgerPagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Returns the ledger of a run as a page, with links to other runs. */
export function ledgerPage(report: LedgerReport, runs: readonly string[]): string {
  const tables = ledgerTables(report)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ledger of run ${escaped(report.run)} · Loadcell</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>Ledger of run ${escaped(report.run)}</h1>
<p>What the target received and did. ${stateOf(report)} <a href="../ledger?run=${encodeURIComponent(report.run)}">The same as JSON</a></p>
${runLinks(report.run, runs)}${tables.length === 0 ? '<p>No request of this run has arrived.</p>' : tables.map(tableMarkup).join('\n')}
</main>
</body>
</html>
`
}

function stateOf({ firstAt, lastAt, open }: LedgerReport): string {
  if (firstAt === undefined || lastAt === undefined) return ''
  const times = `The first request came at ${moment(firstAt)}, the last at ${moment(lastAt)}.`
  if (open.requests + open.streams === 0) return `${times} No request is open.`
  return `${times} Open requests: ${formatCount(open.requests)}. Open streams: ${formatCount(open.streams)}.`
}

function moment(wallTime: number): string {
  const text = new Date(wallTime).toISOString()
  return `<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')} UTC</time>`
}

function runLinks(current: string, runs: readonly string[]): string {
  const others = runs.filter(run => run !== current)
  if (others.length === 0) return ''
  const shown = [current, ...others.slice(-MOST_LINKS)]
  const links = shown.map(run => {
    const mark = run === current ? ' aria-current="page"' : ''
    return `<li><a href="?run=${encodeURIComponent(run)}"${mark}>${escaped(run)}</a></li>`
  })
  const more = others.length + 1 - shown.length
  return `<nav aria-label="Runs">Runs: <ul>${links.join('\n')}</ul>${more > 0 ? ` and ${formatCount(more)} more` : ''}</nav>\n`
}

/** The region can be focused, so that it scrolls by keyboard. */
function tableMarkup({ title, columns, rows }: LedgerTable): string {
  const head = columns.map(column => `<th scope="col">${escaped(column)}</th>`).join('')
  const body = rows
    .map(([name = '', ...cells]) => {
      const numbers = cells.map(cell => `<td>${escaped(cell)}</td>`).join('')
      return `<tr><th scope="row">${escaped(name)}</th>${numbers}</tr>`
    })
    .join('\n')
  return `<h2>${escaped(title)}</h2>
<div class="table" role="region" aria-label="${escaped(title)}" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
