import { formatCount } from '../../../core/number-format.ts'
import { formatDuration } from '../../../core/duration.ts'
import { failureReasons } from '../../metrics/catalog.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { figuresInWords } from '../custom-lines.ts'
import { connectionWords } from '../connection-words.ts'
import { headlineOf } from '../headline.ts'
import { formatMargin, formatMs, formatOffset, formatPart, formatQuantity, formatRate } from '../quantity.ts'
import { hasPercentile } from '../../results/spectrum.ts'
import { clipped, plain } from '../terminal.ts'

/** Most rows of a table. A pipeline refuses a summary that is too long. */
const MOST_ROWS = 50
const LONGEST_CODE = 300

/** Returns the run as a page of Markdown, with tables as GitHub and GitLab know them. */
export function runMarkdown(result: RunResult): string {
  const { word, sentence } = headlineOf(result)
  const { run, totals } = result
  const parts = [
    `## ${icons[word]} ${word}: ${text(run.scenario)}`,
    text(sentence),
    `${code(run.load)} for ${formatDuration(Math.round(run.durationMs))} against ${code(run.targetUrl)}${connectionWords(run)}, seed ${run.seed}.`,
    ...loads(result),
    ...places(result),
    ...requests(result),
    ...slowest(result),
    ...groups(result),
    ...customMetrics(result),
    ...thresholds(result),
    ...checks(result),
    ...errors(result),
    ...doubts(result),
    `**Ledger:** ${text(result.reconciliation.summary)}.`,
    `**Saturation:** ${text(result.server.saturation.sentence)}`,
    `<sub>Loadcell ${text(run.version)} · run ${code(run.id)} · ${formatCount(totals.iterations)} iterations · at most ${formatCount(totals.peakUsers)} users</sub>`,
  ]
  return `${parts.join('\n\n')}\n`
}

const icons = { PASSED: '✅', FAILED: '❌', INVALID: '⚠️', INTERRUPTED: '⚠️' } as const

function loads({ loads: rows = [] }: RunResult): string[] {
  return table(
    'Loads',
    ['load', 'plan', 'from', 'to', 'iterations', 'dropped', 'requests', 'failed', 'p50', 'p95', 'p99', 'max'],
    rows.map(({ load, inWords, fromMs, toMs, iterations, lost, requests, failed, response }) => [
      code(load),
      code(inWords),
      formatOffset(fromMs),
      formatOffset(toMs),
      formatCount(iterations),
      formatCount(lost.dropped),
      formatCount(requests),
      failed === 0 ? '0' : `${formatCount(failed)} (${formatPart(failed, requests)})`,
      ...percentiles(response),
    ]),
  )
}

function places({ places: rows = [] }: RunResult): string[] {
  return table(
    'Places',
    ['place', 'requests', 'per second', 'failed', 'p50', 'p95', 'p99', 'max'],
    rows.map(({ place, requests, requestsPerSecond, failed, response }) => [
      place === '' ? '(none)' : code(place),
      formatCount(requests),
      formatRate(requestsPerSecond),
      failed === 0 ? '0' : `${formatCount(failed)} (${formatPart(failed, requests)})`,
      ...percentiles(response),
    ]),
  )
}

function requests({ names, totals }: RunResult): string[] {
  if (totals.requests === 0) return ['No request was sent.']
  const row = (name: string, count: number, perSecond: number, failed: number, response: TrendSummary) => [
    name,
    formatCount(count),
    formatRate(perSecond),
    failed === 0 ? '0' : `${formatCount(failed)} (${formatPart(failed, count)})`,
    ...percentiles(response),
  ]
  return table(
    'Requests',
    ['request', 'count', 'per second', 'failed', 'p50', 'p95', 'p99', 'max'],
    [
      ...names.map(({ method, name, requests, requestsPerSecond, failed, response }) =>
        row(code(`${method} ${name}`), requests, requestsPerSecond, failed, response),
      ),
      row('**all**', totals.requests, totals.requestsPerSecond, totals.failedRequests, totals.response),
    ],
  )
}

function slowest({ slowest: rows = [] }: RunResult): string[] {
  return table(
    'Slowest requests',
    ['trace', 'request', 'status', 'due', 'response', 'service', 'target'],
    rows.map(({ trace, method, name, status, dueMs, responseMs, serviceMs, target }) => [
      code(trace),
      code(`${method} ${name}`),
      status === 0 ? '–' : String(status),
      formatOffset(dueMs),
      formatMs(responseMs),
      formatMs(serviceMs),
      target === undefined ? '–' : formatMs(target.lastByteMs),
    ]),
  )
}

function percentiles({ count, p50Ms, p95Ms, p99Ms, maxMs }: TrendSummary): string[] {
  if (count === 0) return ['–', '–', '–', '–']
  const known = (percentile: number, valueMs: number) => (hasPercentile(count, percentile) ? formatMs(valueMs) : '–')
  return [known(50, p50Ms), known(95, p95Ms), known(99, p99Ms), formatMs(maxMs)]
}

function groups({ groups: rows = [] }: RunResult): string[] {
  return table(
    'Groups',
    ['group', 'times', 'threw', 'p50', 'p95', 'p99', 'max'],
    rows.map(({ group, count, failed, duration }) => [
      code(group),
      formatCount(count),
      formatCount(failed),
      ...percentiles(duration),
    ]),
  )
}

function customMetrics({ customMetrics: rows = [] }: RunResult): string[] {
  return table(
    'Metrics of the scenario',
    ['metric', 'kind', 'values', 'meaning'],
    rows.map(row => [code(row.name), row.kind, text(figuresInWords(row.figures, row)), text(row.description)]),
  )
}

const marks = { passed: '✅', failed: '❌', 'no-data': '❌' } as const

function thresholds(result: RunResult): string[] {
  return table(
    'Thresholds',
    ['', 'metric', 'condition', 'observed', 'margin'],
    result.thresholds.map(verdict => [
      marks[verdict.state],
      code(verdict.metric),
      code(verdict.expression),
      verdict.observed === undefined ? '–' : formatQuantity(verdict.observed, verdict.unit),
      formatMargin(verdict),
    ]),
  )
}

function checks(result: RunResult): string[] {
  const failed = result.checks.filter(({ fails }) => fails > 0)
  return table(
    'Checks that failed',
    ['check', 'failed', 'of'],
    failed.map(({ name, passes, fails }) => [
      code(name),
      `${formatCount(fails)} (${formatPart(fails, passes + fails)})`,
      formatCount(passes + fails),
    ]),
  )
}

function errors(result: RunResult): string[] {
  return table(
    'Errors',
    ['count', 'reason', 'where', 'from', 'to', 'example'],
    result.errors.map(({ reason, name, status, count, firstMs, lastMs, example }) => [
      formatCount(count),
      `${failureReasons[reason]}${status === undefined ? '' : `, ${status}`}`,
      code(name),
      formatOffset(firstMs),
      formatOffset(lastMs),
      code(example),
    ]),
  )
}

function doubts({ validity }: RunResult): string[] {
  return validity.findings
    .filter(({ state }) => state === 'doubtful')
    .map(({ question, observed, advice }) => `⚠️ **${text(question)}** ${text(observed)}. ${text(advice)}`)
}

/** Returns a table under a heading; nothing without rows. */
function table(title: string, head: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return []
  const lines = [head, head.map(() => '---'), ...rows.slice(0, MOST_ROWS)].map(cells => `| ${cells.join(' | ')} |`)
  const more = rows.length > MOST_ROWS ? [`and ${formatCount(rows.length - MOST_ROWS)} more`] : []
  return [`### ${title}`, lines.join('\n'), ...more]
}

/** Returns text as code, in which nothing is markup or a mention, on one line and fit for the cell of a table. */
function code(source: string): string {
  const line = clipped(plain(source.toWellFormed()).trim(), LONGEST_CODE)
  if (line === '') return ''
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line.replaceAll('|', String.raw`\|`)}${pad}${fence}`
}

/** Returns text in which nothing is markup. */
function text(source: string): string {
  return plain(source.toWellFormed()).replaceAll(/[\\`*_{}[\]<>#|~&]/g, String.raw`\$&`)
}
