import type uPlot from 'uplot'
import type { RunFeedState } from '../run-feed.ts'
import { axisLook } from '../widgets/axes.ts'
import { element } from '../widgets/element.ts'
import { LivePlot, type LivePlotOptions } from '../widgets/live-plot.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { milliseconds } from '../widgets/quantity.ts'
import { color } from '../widgets/theme.ts'

const HEIGHT_PX = 240
/** Percentiles at the axis. */
const TICKS = [0, 50, 90, 99, 99.9, 99.99, 99.999]
/** Where the maximum is, beyond the last percentile. */
const BEYOND = 0.3

type Spectrum = RunFeedState['spectrum']

/** Each nine of a percentile is as wide as the one before. */
const placeOf = (percentile: number) => -Math.log10(1 - percentile / 100)

/** Response and service time by percentile: the two clocks side by side. */
export class SpectrumChart {
  readonly root: HTMLElement
  readonly #plot = new LivePlot({ options: () => this.#plotOptions(), data: () => this.#data() })
  readonly #table = new LiveTable<Spectrum[number]>({
    caption: 'Percentiles',
    columns: [
      { title: 'percentile', cell: ({ percentile }) => (percentile === 100 ? 'slowest' : `p${percentile}`) },
      { title: 'response time', cell: ({ responseMs }) => milliseconds(responseMs) },
      { title: 'service time', cell: ({ serviceMs }) => milliseconds(serviceMs) },
    ],
    key: ({ percentile }) => String(percentile),
    empty: 'No response yet.',
    most: 100,
  })
  #spectrum: Spectrum = []

  constructor() {
    const line = (name: string, kind: string, label: string) =>
      element('li', {}, element('i', { class: `mark ${name} ${kind}`, 'aria-hidden': 'true' }), label)
    const caption = element(
      'figcaption',
      {},
      element('strong', {}, 'Latency spectrum of the run, in ms'),
      element(
        'span',
        {},
        'How long the unluckiest users wait. Where the lines part, requests waited before they could be sent: a test with one clock would not notice.',
      ),
      element(
        'ul',
        { class: 'legend' },
        line('blue', 'solid', 'response time, from when it was due'),
        line('orange', 'dashed', 'service time, from when it was sent'),
      ),
    )
    const details = element('details', {}, element('summary', {}, 'The same as a table'), this.#table.root)
    this.root = element('figure', { class: 'chart wide' }, caption, this.#plot.root, details)
  }

  show(spectrum: Spectrum): void {
    this.#spectrum = spectrum
    this.#table.show(spectrum)
    this.#plot.draw()
  }

  #data(): uPlot.AlignedData {
    const last = placeOf(this.#spectrum.at(-2)?.percentile ?? 0)
    return [
      this.#spectrum.map(({ percentile }) => (percentile === 100 ? last + BEYOND : placeOf(percentile))),
      this.#spectrum.map(({ responseMs }) => responseMs),
      this.#spectrum.map(({ serviceMs }) => serviceMs),
    ]
  }

  #plotOptions(): LivePlotOptions {
    const axis = axisLook()
    const line = { width: 1.75, points: { show: false } }
    return {
      height: HEIGHT_PX,
      scales: {
        x: { time: false, range: (_, min, max) => [min ?? 0, Math.max(max ?? 1, 1)] },
        y: { range: (_plot, _min, max) => [0, (max || 1) * 1.1] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          splits: (_plot, _axis, min, max) => TICKS.map(placeOf).filter(place => place >= min && place <= max),
          values: (_, splits) => splits.map(split => `p${TICKS.find(tick => placeOf(tick) === split) ?? ''}`),
        },
        { ...axis, size: 72, values: (_, splits) => splits.map(split => milliseconds(split)) },
      ],
      series: [
        {},
        { ...line, label: 'response time', stroke: color('blue') },
        { ...line, label: 'service time', stroke: color('orange'), dash: [7, 4] },
      ],
    }
  }
}
