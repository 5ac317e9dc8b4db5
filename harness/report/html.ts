import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RunResult } from '../results/run-result.ts'
import { headlineOf } from './headline.ts'
import { about } from './html/about.ts'
import { chartData, charts } from './html/charts.ts'
import { delivery } from './html/delivery.ts'
import { judgement } from './html/judgement.ts'
import { faults, phases } from './html/faults.ts'
import { html, jsonMarkup, trusted } from './html/markup.ts'
import { recovery } from './html/recovery.ts'
import { traffic } from './html/traffic.ts'

const require = createRequire(import.meta.url)

/** Later files override earlier ones. */
const styles = ['page.css', 'tables.css', 'charts.css', 'media.css']

/**
 * Returns the report of a run as one self-contained HTML file with a strict Content-Security-Policy. Without scripts, only
 * the charts are missing.
 */
export function renderReport(result: RunResult): string {
  const style = read(require.resolve('uplot/dist/uPlot.min.css'), ...styles.map(own))
  const script = read(require.resolve('uplot/dist/uPlot.iife.min.js'), own('page.js'))
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(style)}'`,
    `script-src '${sourceHash(script)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${headlineOf(result).word} · ${result.run.scenario} · Loadcell</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<main>
${judgement(result)}${charts(result)}${phases(result)}${faults(result)}${recovery(result)}${delivery(result)}${traffic(result)}${about(result)}</main>
<footer>Loadcell ${result.run.version} · run ${result.run.id}</footer>
<script type="application/json" id="run-data">${jsonMarkup(chartData(result))}</script>
<script>${trusted(script)}</script>
</body>
</html>
`.source
}

function own(file: string): URL {
  return new URL(`./html/${file}`, import.meta.url)
}

/** Reads files in order: the library before the code that uses it. */
function read(...files: (string | URL)[]): string {
  return files.map(file => readFileSync(file, 'utf8')).join('\n')
}

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}
