import type { SpectrumPoint } from '../../results/run-result.ts'
import type { Totals } from '../../results/totals.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatMs } from '../quantity.ts'
import { type ChartData, figure, rounded } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { percentileTitle, spectrumPoints } from './spectrum.ts'
import { type Column, numeric, section, table } from './table.ts'

/** Percentiles in the table; the curve has more. */
export const tabledPercentiles = new Set([0, 50, 75, 90, 95, 99, 99.9, 99.99, 100])

interface Part {
  name: string
  times: TrendSummary
}

/** The part of the page about the distribution of latency, and the parts that it is made of. */
export function latencySpectrum(spectrum: SpectrumPoint[], totals: Totals): Markup {
  const { response, service, waiting, sendDelay, connecting } = totals
  if (response.count === 0) return section('spectrum', 'Latency spectrum', html`<p>No request was answered.</p>`)
  const tabled = spectrum.filter(({ percentile }) => tabledPercentiles.has(percentile))
  const columns: Column<SpectrumPoint>[] = [
    {
      title: 'Percentile',
      kind: 'head',
      cell: ({ percentile }) => percentileTitle(percentile),
    },
    numeric('Response', ({ responseMs }) => formatMs(responseMs)),
    numeric('Service', ({ serviceMs }) => formatMs(serviceMs)),
  ]
  const parts: Part[] = [
    { name: 'Response time', times: response },
    { name: 'Service time', times: service },
    { name: 'Time to first byte', times: waiting },
    { name: 'Send delay, by the generator itself', times: sendDelay },
    { name: 'Opening a connection', times: connecting },
  ]
  return section(
    'spectrum',
    'Latency spectrum',
    html`<div class="beside"><div class="with-script">${figure({
      id: 'spectrum',
      title: 'Latency by percentile, ms',
      note: 'How slow the slowest requests were: each step to the right shows a tenth of the requests of the step before. Response time counts from when a request was due, service time from when it was sent.',
    })}</div><div>${table('Latency at common percentiles', columns, tabled)}${table('Times and their spread', partColumns, parts)}</div></div>\n`,
  )
}

const partColumns: Column<Part>[] = [
  { title: 'Time', kind: 'head', cell: ({ name }) => name },
  numeric('Samples', ({ times }) => formatCount(times.count)),
  numeric('Mean', ({ times }) => (times.count === 0 ? '–' : formatMs(times.meanMs))),
  numeric('Std. deviation', ({ times }) => (times.count < 2 ? '–' : formatMs(times.stdDevMs))),
  numeric('Median', ({ times }) => (times.count === 0 ? '–' : formatMs(times.p50Ms))),
  numeric('Slowest', ({ times }) => (times.count === 0 ? '–' : formatMs(times.maxMs))),
]

export function spectrumData(spectrum: SpectrumPoint[], requests: number): ChartData['spectrum'] {
  const points = spectrumPoints(spectrum, requests)
  return {
    nines: points.map(({ nines }) => rounded(nines)),
    series: [
      { label: 'response', tone: 'violet', line: 'solid', values: points.map(({ responseMs }) => rounded(responseMs)) },
      { label: 'service', tone: 'teal', line: 'dashed', values: points.map(({ serviceMs }) => rounded(serviceMs)) },
    ],
  }
}
