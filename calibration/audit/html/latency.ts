import type { ChartData, ChartSeries } from '../../../harness/report/html/chart.ts'
import { figure, rounded } from '../../../harness/report/html/chart.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { percentileTitle, spectrumPoints } from '../../../harness/report/html/spectrum.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { formatMs } from '../../../harness/report/quantity.ts'
import { hasPercentile } from '../../../harness/results/spectrum.ts'
import type { AuditResult, LatencyAccount } from '../audit-result.ts'
import { prose } from './prose.ts'

/** Lowest percentile in the table; the curve has more. */
const LEAST_TABLED = 50

type Point = LatencyAccount['spectrum'][number]

/** The part of the page that compares the tool’s latency with the target’s. */
export function latency({ latency }: AuditResult): Markup {
  const { response, service, remarks } = latency
  if (service.count === 0) return section('spectrum', 'Latency', html`<p>No request was answered.</p>\n`)
  const columns: Column<Point>[] = [
    { title: 'Percentile', kind: 'head', cell: ({ percentile }) => percentileTitle(percentile) },
    numeric('Tool', ({ toolMs }) => timeOf(toolMs)),
    numeric('Target', ({ serviceMs }) => timeOf(serviceMs)),
    ...(response === undefined ? [] : [numeric<Point>('From due', ({ responseMs }) => timeOf(responseMs))]),
  ]
  const due =
    response === undefined
      ? ''
      : ' From due: from the moment when it should have been sent, which is how long a user waits.'
  return section(
    'spectrum',
    'Latency',
    html`<div class="beside"><div class="with-script">${figure({
      id: 'spectrum',
      title: 'Latency by percentile, ms',
      note: `How slow the slowest requests were: each step to the right shows a tenth of the requests of the step before. Target: from a request’s head to the end of its answer.${due}`,
    })}</div>${table('Latency at each percentile', columns, tabled(latency))}</div>\n`,
    remarks.length > 0 &&
      html`<h3>What the tool adds and omits</h3>
<ul class="remarks">${remarks.map(remark => html`<li>${prose(remark)}</li>\n`)}</ul>\n`,
  )
}

/** Returns the percentiles that people look at, and for which there are enough requests. */
function tabled({ spectrum, service }: LatencyAccount): Point[] {
  return spectrum.filter(
    ({ percentile }) => percentile === 100 || (percentile >= LEAST_TABLED && hasPercentile(service.count, percentile)),
  )
}

export function latencySpectrum({ latency: { spectrum, response, service } }: AuditResult): ChartData['spectrum'] {
  const points = spectrumPoints(spectrum, service.count)
  const values = (valueOf: (point: Point) => number | undefined) => points.map(point => rounded(valueOf(point) ?? null))
  const series: ChartSeries[] = [
    { label: 'tool', tone: 'orange', line: 'solid', values: values(({ toolMs }) => toolMs) },
    { label: 'target', tone: 'teal', line: 'dashed', values: values(({ serviceMs }) => serviceMs) },
    ...(response === undefined
      ? []
      : [
          {
            label: 'from due',
            tone: 'violet',
            line: 'dotted',
            values: values(({ responseMs }) => responseMs),
          } as const,
        ]),
  ]
  return { nines: points.map(({ nines }) => rounded(nines)), series }
}

function timeOf(valueMs: number | undefined): string {
  return valueMs === undefined ? '–' : formatMs(valueMs)
}
