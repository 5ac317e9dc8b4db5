import { formatCount, formatNumber } from '../../../core/number-format.ts'
import { type Chart, type ChartSeries, figure, rounded } from '../../../harness/report/html/chart.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { inSteps, stepOf } from '../../../harness/report/html/steps.ts'
import { type Column, type Fact, numeric, section, table } from '../../../harness/report/html/table.ts'
import { formatOffset, formatRate } from '../../../harness/report/quantity.ts'
import type { AuditResult, AuditSecond } from '../audit-result.ts'
import { prose } from './prose.ts'

/** The part of the page about the load as it arrived, in charts and in words. */
export function load(result: AuditResult): Markup {
  const { timeline } = result
  if (timeline.length === 0) {
    return section('charts', 'The load that arrived', html`<p>No request arrived.</p>\n`)
  }
  return section(
    'charts',
    'The load that arrived',
    html`<p class="with-script aside">Point at a chart to read all of them at that moment; drag to zoom in, double-click to zoom out.</p>
<p class="without-script">The charts need the scripts in this file, which did not run here. The same numbers are in the table below.</p>
<div class="charts">${loadCharts(result).map(figure)}${words(result)}</div>
<details id="timeline" open><summary>The charts as numbers</summary>${timelineTable(timeline)}</details>\n`,
  )
}

/** Returns the middle of each second. */
export function loadSeconds({ timeline }: AuditResult): number[] {
  return timeline.map(({ second }) => second + 0.5)
}

export function loadCharts({ timeline }: AuditResult): Chart[] {
  const values = (valueOf: (second: AuditSecond) => number | null): ChartSeries['values'] =>
    timeline.map(second => rounded(valueOf(second)))
  /** A second without requests has no latency. */
  const latency = (key: 'p50Ms' | 'p95Ms') => values(second => (second.arrivals === 0 ? null : second[key]))
  return [
    {
      id: 'arrivals',
      title: 'Arrivals a second',
      note: 'Requests that came in each second, and how many of them failed. The last second is usually incomplete.',
      series: [
        { label: 'arrived', tone: 'blue', line: 'solid', values: values(({ arrivals }) => arrivals) },
        { label: 'failed', tone: 'red', line: 'dotted', values: values(({ failures }) => failures) },
      ],
    },
    {
      id: 'concurrency',
      title: 'Requests under way at once',
      note: 'The most at the target in each second. It excludes users who pause, and requests that wait in the tool.',
      series: [{ label: 'at most', tone: 'violet', line: 'solid', values: values(({ peakInFlight }) => peakInFlight) }],
    },
    {
      id: 'service',
      title: 'Time at the target, ms',
      note: 'From a request’s head to the end of its answer, by the second in which it came.',
      series: [
        { label: 'p50', tone: 'teal', line: 'solid', values: latency('p50Ms') },
        { label: 'p95', tone: 'blue', line: 'dashed', values: latency('p95Ms') },
      ],
    },
  ]
}

function timelineTable(timeline: readonly AuditSecond[]): Markup {
  const step = stepOf(timeline.length)
  const rows = inSteps(timeline, step, { first: ['second'], mean: ['arrivals', 'failures'] })
  const time = (valueMs: number) => (valueMs > 0 ? formatNumber(valueMs) : '–')
  const columns: Column<AuditSecond>[] = [
    { title: 'From', kind: 'head', cell: ({ second }) => formatOffset(second * 1000) },
    numeric('Arrivals/s', ({ arrivals }) => formatRate(arrivals)),
    numeric('Failures/s', ({ failures }) => formatRate(failures)),
    numeric('Under way at most', ({ peakInFlight }) => formatCount(peakInFlight)),
    numeric('p50 ms', ({ p50Ms }) => time(p50Ms)),
    numeric('p95 ms', ({ p95Ms }) => time(p95Ms)),
  ]
  const caption =
    step === 1
      ? 'Every second of the run'
      : `The run in steps of ${step} seconds: rates are means, all else is the most in one second`
  return table(caption, columns, rows)
}

function words({ load }: AuditResult): Markup {
  const { ratePerSecond, spacing, concurrency, ramp, connections, model, asked } = load
  const rows: Fact[] = [
    ['Rate', `${formatRate(ratePerSecond)} requests a second.`],
    ['Spacing', prose(spacing.sentence)],
    ['Concurrency', `${concurrency.mean.toFixed(1)} under way on average, ${formatCount(concurrency.peak)} at most.`],
    ['Ramp', prose(ramp.sentence)],
    ['Connections', prose(connections.sentence)],
    ['Model', prose(model.sentence)],
    ...asked.map((sentence, index) => [index === 0 ? 'As asked for?' : '', prose(sentence)] as const),
  ]
  return html`<div class="words">
<h3>In words</h3>
<dl class="finding-parts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
</div>
`
}
