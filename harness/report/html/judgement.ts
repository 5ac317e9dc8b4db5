import type { ReconciliationRow } from '../../results/ledger-findings.ts'
import type { RunResult, ValidityFinding } from '../../results/run-result.ts'
import type { ThresholdVerdict } from '../../thresholds/threshold.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatDuration } from '../../../core/duration.ts'
import { asSentence, distrustOf, headlineOf } from '../headline.ts'
import { counted, formatMargin, formatMs, formatPart, formatQuantity, formatRate } from '../quantity.ts'
import { hasPercentile } from '../../results/spectrum.ts'
import { formatCount } from '../../../core/number-format.ts'
import { moment, pageHeader, tile } from './header.ts'
import { baseline } from './baseline.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, numeric, section, sortable, table } from './table.ts'

/** The parts of the page that judge the run: verdict, thresholds, validity, reconciliation. */
export function judgement(result: RunResult): Markup {
  return html`${verdict(result)}${thresholds(result)}${baseline(result)}${validity(result)}${reconciliation(result)}`
}

function verdict(result: RunResult): Markup {
  const { run } = result
  const { word, sentence } = headlineOf(result)
  return pageHeader({
    tone: word.toLowerCase(),
    subject: html`<strong>${run.scenario}</strong> · ${moment(run.startedAt)} · ${formatDuration(Math.round(run.durationMs))} · seed\u00a0${run.seed}`,
    word,
    sentence,
    tiles: tiles(result),
  })
}

function tiles({ totals, run }: RunResult): Markup[] {
  const { events, streams, sockets } = totals
  const deliveries = events.delivered + sockets.events
  return [
    tile('Requests', formatCount(totals.requests), `${formatRate(totals.requestsPerSecond)} a second`),
    tile(
      'Failed',
      formatPart(totals.failedRequests, totals.requests),
      `${formatCount(totals.failedRequests)} of ${formatCount(totals.requests)}`,
    ),
    latencyTile('Response time', totals.response),
    latencyTile('Service time', totals.service),
    events.published > 0 || deliveries > 0
      ? tile(
          'Events delivered',
          formatCount(deliveries),
          `from ${formatCount(events.published)} published`,
          counted(streams.opened, 'stream'),
          ...(sockets.opened > 0 ? [counted(sockets.opened, 'socket')] : []),
        )
      : tile(
          'Received',
          formatQuantity(totals.receivedBytes, 'bytes'),
          `sent ${formatQuantity(totals.sentBytes, 'bytes')}`,
        ),
    tile(
      'Users at peak',
      formatCount(totals.peakUsers),
      run.warmupMs > 0 ? `after ${formatDuration(run.warmupMs)} of warm-up` : 'no warm-up',
    ),
  ]
}

function latencyTile(name: string, { count, p50Ms, p95Ms, p99Ms, maxMs }: TrendSummary): Markup {
  if (count === 0) return tile(`${name} p95`, '–', 'no request was answered')
  if (count === 1) return tile(name, formatMs(maxMs), 'one sample')
  const median = `median ${formatMs(p50Ms)}`
  if (!hasPercentile(count, 95)) return tile(`${name}, slowest`, formatMs(maxMs), median, `of ${count} samples`)
  const worst = hasPercentile(count, 99) ? `p99 ${formatMs(p99Ms)}` : `slowest ${formatMs(maxMs)}`
  return tile(`${name} p95`, formatMs(p95Ms), median, worst)
}

const verdictWords = { passed: '✓ held', failed: '✗ failed', 'no-data': '∅ no data' }

function thresholds({ thresholds }: RunResult): Markup {
  if (thresholds.length === 0) {
    return section('thresholds', 'Thresholds', html`<p>The scenario sets none: nothing was judged.</p>`)
  }
  const columns: Column<ThresholdVerdict>[] = [
    {
      title: 'State',
      cell: ({ state }) => html`<span class="state ${state}">${verdictWords[state]}</span>`,
      order: ({ state }) => state,
    },
    {
      title: 'Metric',
      kind: 'head',
      cell: ({ metric }) => html`<code>${breakable(metric)}</code>`,
      order: ({ metric }) => metric,
    },
    { title: 'Condition', cell: ({ expression }) => html`<code>${expression}</code>` },
    numeric('Observed', ({ observed, unit }) => (observed === undefined ? '–' : formatQuantity(observed, unit))),
    numeric('Limit', ({ limit, unit }) => formatQuantity(limit, unit)),
    { title: 'Margin', cell: verdict => html`${marginBar(verdict)} ${formatMargin(verdict)}` },
    numeric('Samples', ({ samples }) => formatCount(samples)),
  ]
  const anyEmpty = thresholds.some(({ state }) => state === 'no-data')
  return section(
    'thresholds',
    'Thresholds',
    table('What the scenario demands, and what was observed', columns, thresholds),
    thresholds.some(({ margin }) => margin !== undefined) && marginLegend,
    anyEmpty &&
      html`<p class="aside">A threshold without data counts as failed: a check that never ran has shown nothing.</p>`,
  )
}

const HALF_BAR = 40

/**
 * Returns a bar with the limit in its middle. It extends to the left while there is room to spare, and to the right when
 * the limit is exceeded.
 */
function marginBar({ margin, state }: Pick<ThresholdVerdict, 'margin' | 'state'>): Markup {
  const length = Math.min(1, Math.abs(margin ?? 0)) * HALF_BAR
  const left = (margin ?? 0) >= 0 ? HALF_BAR - length : HALF_BAR
  return html`<svg class="margin ${state}" viewBox="0 0 ${2 * HALF_BAR} 12" width="${2 * HALF_BAR}" height="12" aria-hidden="true">
<rect class="track" x="0" y="5" width="${2 * HALF_BAR}" height="2" fill="currentColor" fill-opacity="0.15"/>
<rect class="reach" x="${left.toFixed(1)}" y="3" width="${length.toFixed(1)}" height="6" fill="currentColor"/>
<rect class="limit" x="${HALF_BAR - 0.5}" y="0" width="1" height="12" fill="currentColor"/></svg>`
}

const marginLegend = html`<p class="aside">Margin: the line in the middle is the limit. ${marginBar({ margin: 0.5, state: 'passed' })} is room to spare,
${marginBar({ margin: -0.5, state: 'failed' })} is beyond the limit. Half the width is 100 % of the limit or more.</p>\n`

function validity({ validity, totals }: RunResult): Markup {
  const columns: Column<ValidityFinding>[] = [
    {
      title: 'State',
      cell: ({ state }) => html`<span class="state ${state}">${state === 'ok' ? '✓ fine' : '! doubtful'}</span>`,
    },
    { title: 'Question', kind: 'head', cell: ({ question }) => question },
    { title: 'Observed', kind: 'prose', cell: ({ observed }) => observed },
    { title: 'Expected', kind: 'prose', cell: ({ limit }) => limit },
  ]
  if (validity.findings.some(({ state }) => state === 'doubtful')) {
    columns.push({
      title: 'What to do',
      kind: 'prose',
      cell: ({ advice, state }) => (state === 'ok' ? '' : advice),
    })
  }
  if (totals.requests === 0) {
    return section('validity', 'Validity of the measurement', html`<p>There was no measurement to judge.</p>`)
  }
  const lead =
    validity.state === 'valid'
      ? 'The load generator kept up: what was measured is the target, not the instrument.'
      : `${distrustOf(validity)} Correct what is marked and run again before you believe the numbers.`
  const findings = table('Whether the numbers describe the target', columns, validity.findings)
  return section(
    'validity',
    'Validity of the measurement',
    html`<p>${lead}</p>`,
    validity.findings.every(({ state }) => state === 'ok')
      ? html`<details><summary>${counted(validity.findings.length, 'question')}, all answered well</summary>
${findings}</details>`
      : findings,
  )
}

const reconciliationMarks = { agrees: '✓', differs: '✗', unavailable: '∅' }

function reconciliation({ reconciliation }: RunResult): Markup {
  const { state, summary, rows } = reconciliation
  const columns: Column<ReconciliationRow>[] = [
    { title: 'What', kind: 'head', cell: ({ what }) => what, order: ({ what }) => what },
    sortable('Harness', ({ harness }) => harness),
    sortable('Ledger', ({ ledger }) => ledger),
    {
      title: 'Difference',
      kind: 'number',
      cell: ({ difference }) =>
        difference === 0
          ? '0'
          : html`<strong class="differs">${difference > 0 && '+'}${formatCount(difference)}</strong>`,
      order: ({ difference }) => Math.abs(difference),
    },
  ]
  const differing = rows.filter(row => row.difference !== 0)
  const equal = rows.filter(row => row.difference === 0)
  return section(
    'reconciliation',
    'Harness against ledger',
    html`<p><span class="state ${state}">${reconciliationMarks[state]}</span> ${asSentence(summary)}</p>\n`,
    differing.length > 0 && table('Where harness and ledger differ', columns, differing),
    equal.length > 0 &&
      html`<details><summary>${counted(equal.length, 'number')} on which both ends agree</summary>
${table('Where harness and ledger agree', columns, equal)}</details>`,
  )
}
