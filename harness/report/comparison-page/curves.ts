import type { ComparedCurves, CurvePoint, SidePoint } from '../../comparison/curves.ts'
import { relativeScale } from '../../statistics/scale.ts'
import { signedChange } from '../comparison.ts'
import { type Chart, type ChartData, type ChartSeries, figure, rounded } from '../html/chart.ts'
import { html, type Markup } from '../html/markup.ts'
import { tabledPercentiles } from '../html/latency-spectrum.ts'
import { percentileTitle, spectrumPoints } from '../html/spectrum.ts'
import { inSteps, stepOf } from '../html/steps.ts'
import { type Column, numeric, section, table } from '../html/table.ts'
import { formatMs, formatOffset, formatRate } from '../quantity.ts'

/** Returns the sections with the curves of both sides, laid over each other. */
export function curves(compared: ComparedCurves): Markup {
  return html`${overTime(compared)}${byPercentile(compared)}`
}

/** Returns what the script of the page draws the curves from. */
export function curveData(compared: ComparedCurves): ChartData {
  const { spectrum, stepSeconds, throughput } = compared
  const points = spectrumPoints(spectrum, Number.POSITIVE_INFINITY)
  return {
    seconds: throughput.map((_, step) => (step + 0.5) * stepSeconds),
    marks: [],
    bands: [],
    charts: Object.fromEntries(chartsOf(compared).map(({ id, series }) => [id, { series }])),
    spectrum: { nines: points.map(({ nines }) => rounded(nines)), series: bothSides(points) },
    recoveries: {},
  }
}

function chartsOf({ throughput, p95, stepSeconds }: ComparedCurves): Chart[] {
  const each = stepSeconds === 1 ? 'each second' : `each ${stepSeconds} seconds`
  return [
    {
      id: 'throughput',
      title: 'Throughput, requests a second',
      note: `The median of the runs of each side in ${each} of the run; dotted, their range.`,
      series: bothSides(throughput),
    },
    {
      id: 'response',
      title: 'Response time p95, ms',
      note: `The 95th percentile in ${each}: the median of the runs of each side; dotted, their range.`,
      series: bothSides(p95),
    },
  ]
}

const sides = [
  { side: 'base', label: 'base', tone: 'blue', line: 'solid' },
  { side: 'other', label: 'new', tone: 'orange', line: 'dashed' },
] as const

/** Returns the median of each side, and the range of its runs if they differ. */
function bothSides(points: readonly CurvePoint[]): ChartSeries[] {
  return sides.flatMap(({ side, label, tone, line }): ChartSeries[] => {
    const values = (pick: (point: SidePoint) => number) =>
      points.map(point => {
        const at = point[side]
        return at === undefined ? null : rounded(pick(at))
      })
    const [low, high] = [values(point => point.low), values(point => point.high)]
    const median: ChartSeries = { label, tone, line, values: values(point => point.median) }
    if (low.every((value, index) => value === high[index])) return [median]
    return [
      median,
      { label: `${label}, lowest`, tone, line: 'dotted', values: low },
      { label: `${label}, highest`, tone, line: 'dotted', values: high },
    ]
  })
}

interface StepRow {
  fromMs: number
  baseRate: number
  newRate: number
  baseP95: number
  newP95: number
}

function overTime(compared: ComparedCurves): Markup {
  const { throughput, p95, stepSeconds } = compared
  if (throughput.length === 0) return section('charts', 'Over time', html`<p>The results have no timeline.</p>`)
  const rows = throughput.map(
    ({ base, other }, step): StepRow => ({
      fromMs: step * stepSeconds * 1000,
      baseRate: base?.median ?? 0,
      newRate: other?.median ?? 0,
      baseP95: p95[step]?.base?.median ?? 0,
      newP95: p95[step]?.other?.median ?? 0,
    }),
  )
  const step = stepOf(rows.length)
  const time = (valueMs: number) => (valueMs > 0 ? formatMs(valueMs) : '–')
  const columns: Column<StepRow>[] = [
    { title: 'From', kind: 'head', cell: ({ fromMs }) => formatOffset(fromMs) },
    numeric('Base requests/s', ({ baseRate }) => formatRate(baseRate)),
    numeric('New requests/s', ({ newRate }) => formatRate(newRate)),
    numeric('Base p95', ({ baseP95 }) => time(baseP95)),
    numeric('New p95', ({ newP95 }) => time(newP95)),
  ]
  const caption =
    step * stepSeconds === 1
      ? 'Medians of the runs of each side in every second'
      : `Medians of the runs of each side in steps of ${step * stepSeconds} seconds: rates are means, times the highest`
  return section(
    'charts',
    'Over time',
    html`<p class="without-script">The charts need the scripts in this file, which did not run here. The same numbers are in the table below.</p>
<div class="charts with-script">${chartsOf(compared).map(figure)}</div>
<details id="timeline" open><summary>The same as numbers</summary>${table(caption, columns, inSteps(rows, step, { first: ['fromMs'], mean: ['baseRate', 'newRate'] }))}</details>\n`,
  )
}

function byPercentile({ spectrum }: ComparedCurves): Markup {
  if (spectrum.length === 0) {
    return section('spectrum', 'Response times', html`<p>Some run has no response times.</p>`)
  }
  const columns: Column<ComparedCurves['spectrum'][number]>[] = [
    { title: 'Percentile', kind: 'head', cell: ({ percentile }) => percentileTitle(percentile) },
    numeric('Base', ({ base }) => formatMs(base.median)),
    numeric('New', ({ other }) => formatMs(other.median)),
    numeric('Change', ({ base, other }) =>
      base.median > 0 ? signedChange(relativeScale.change(base.median, other.median), 'ms') : '–',
    ),
  ]
  return section(
    'spectrum',
    'Response times',
    html`<div class="beside"><div class="with-script">${figure({
      id: 'spectrum',
      title: 'Response time by percentile, ms',
      note: 'How slow the slowest requests were: each step to the right shows a tenth of the requests of the step before. Medians of the runs of each side; dotted, their range.',
    })}</div>${table(
      'Response times at common percentiles: medians of the runs of each side',
      columns,
      spectrum.filter(({ percentile }) => tabledPercentiles.has(percentile)),
    )}</div>
<p class="aside">The verdicts above, not this table, tell a change from chance.</p>\n`,
  )
}
