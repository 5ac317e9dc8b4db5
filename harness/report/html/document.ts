import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ChartData, ChartViews } from './chart.ts'
import { contentsOf, standing } from './contents.ts'
import { html, jsonMarkup, type Markup, trusted } from './markup.ts'

const require = createRequire(import.meta.url)

/** Later files override earlier ones. */
const styles = ['page.css', 'standing.css', 'tables.css', 'charts.css', 'media.css']

/** In the order in which they run. */
const scripts = ['data.js', 'lines.js', 'heat.js', 'charts.js', 'pointing.js', 'views.js', 'tables.js', 'contents.js']

/** A page in the style of all reports. */
export interface ReportDocument {
  title: string
  main: Markup
  footer: string
  data: ChartData
  /** Charts of some of the requests, from which readers may choose. */
  views?: ChartViews
  /** Controls of the charts, which stay visible. */
  controls?: Markup | undefined
  /** Style of this report alone. */
  ownStyle?: URL
}

/**
 * Returns one self-contained HTML file with a strict Content-Security-Policy. Without scripts, only the charts are missing.
 */
export function renderDocument({ title, main, footer, data, views, controls, ownStyle }: ReportDocument): string {
  const style = read(
    require.resolve('uplot/dist/uPlot.min.css'),
    ...styles.map(shared),
    ...(ownStyle === undefined ? [] : [ownStyle]),
  )
  const script = read(require.resolve('uplot/dist/uPlot.iife.min.js'), ...scripts.map(file => shared(`page/${file}`)))
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
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="page">
${standing(contentsOf(main), controls)}<div class="column">
<main id="main" tabindex="-1">
${main}</main>
<footer>${footer}</footer>
</div>
</div>
<script type="application/json" id="chart-data">${jsonMarkup(data)}</script>
${
  views &&
  html`<script type="application/json" id="chart-views">${jsonMarkup(views)}</script>
`
}<script>${trusted(script)}</script>
</body>
</html>
`.source
}

function shared(file: string): URL {
  return new URL(`./${file}`, import.meta.url)
}

/** Reads files in order: the library before the code that uses it. */
function read(...files: (string | URL)[]): string {
  return files.map(file => readFileSync(file, 'utf8')).join('\n')
}

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}
