import type uPlot from 'uplot'
import { axisLook, valueAxis } from './axes.ts'
import { element, write } from './element.ts'
import { LivePlot, type LivePlotOptions } from './live-plot.ts'
import { number } from './quantity.ts'
import { SeriesRing } from './series-ring.ts'
import { color } from './theme.ts'

export interface LiveSeries {
  label: string
  /** Name of a colour of the page. */
  color: string
  dash?: 'dashed' | 'dotted'
}

export interface TimeChartOptions {
  title: string
  /** One sentence: why to look at it. */
  about: string
  /** Unit of the values, as in `ms`. */
  unit: string
  series: readonly LiveSeries[]
  /** Whether its values are numbers of things, so that no mark of the axis lies between two of them. */
  isCount?: boolean
  /** Number of points that are kept. */
  points: number
  /** Seconds that are shown. */
  spanSeconds: number
}

const HEIGHT_PX = 190
/** Parts of the span that have a label. */
const AGO = [0, 0.25, 0.5, 0.75, 1]
const DASHES = { dashed: [7, 4], dotted: [2, 3] }

/** Lines over the latest seconds. Its caption tells the current values in words. */
export class TimeChart {
  readonly root: HTMLElement
  readonly #options: TimeChartOptions
  readonly #ring: SeriesRing
  readonly #plot = new LivePlot({ options: () => this.#plotOptions(), data: () => this.#data() })
  readonly #now: HTMLElement[]

  constructor(options: TimeChartOptions) {
    this.#options = options
    this.#ring = new SeriesRing(options.series.length, options.points)
    this.#now = options.series.map(() => element('b', {}, '–'))
    const legend = element('ul', { class: 'legend' })
    options.series.forEach(({ label, color: name, dash }, at) => {
      const mark = element('i', { class: `mark ${name} ${dash ?? 'solid'}`, 'aria-hidden': 'true' })
      legend.append(element('li', {}, mark, `${label} `, this.#now[at], ` ${options.unit}`))
    })
    const caption = element(
      'figcaption',
      {},
      element('strong', {}, options.title),
      element('span', {}, options.about),
      legend,
    )
    this.root = element('figure', { class: 'chart' }, caption, this.#plot.root)
  }

  /** @param seconds wall time */
  add(seconds: number, ...values: number[]): void {
    this.#ring.add(seconds, ...values)
    values.forEach((value, at) => write(this.#now[at]!, Number.isNaN(value) ? '–' : number(value)))
    this.#plot.draw()
  }

  clear(): void {
    this.#ring.clear()
    this.#plot.draw()
  }

  #data(): uPlot.AlignedData {
    return this.#ring.columns() as uPlot.AlignedData
  }

  #plotOptions(): LivePlotOptions {
    const { series, spanSeconds, isCount } = this.#options
    const newest = () => (this.#ring.columns()[0]?.at(-1) as number | undefined) ?? spanSeconds
    return {
      height: HEIGHT_PX,
      scales: {
        x: { range: () => [newest() - spanSeconds, newest()] },
        y: { range: (_plot, _min, max) => [0, (max || 1) * 1.1] },
      },
      axes: [
        {
          ...axisLook(),
          size: 28,
          splits: () => AGO.map(part => newest() - part * spanSeconds).reverse(),
          values: (_, splits) => splits.map(split => agoText(newest() - split)),
        },
        valueAxis(isCount),
      ],
      series: [
        {},
        ...series.map(({ label, color: name, dash }) => ({
          label,
          stroke: color(name),
          width: 1.75,
          points: { show: false },
          ...(dash && { dash: DASHES[dash] }),
        })),
      ],
    }
  }
}

function agoText(seconds: number): string {
  return seconds < 0.5 ? 'now' : `−${Math.round(seconds)} s`
}
