import type uPlot from 'uplot'
import { element, write } from '../widgets/element.ts'
import { LivePlot, type LivePlotOptions } from '../widgets/live-plot.ts'
import { number } from '../widgets/quantity.ts'
import { color } from '../widgets/theme.ts'
import type { BothEnds } from './run-seconds.ts'
import { drawHappenings, type Happenings, shownSeconds, timeAxes } from './time-axis.ts'

/** A line of a chart. Those of the target are dashed, so that nobody needs colours to tell both ends apart. */
export interface RunLine {
  label: string
  /** Name of a colour of the page. */
  color: string
  isOfTarget?: boolean
  /** Undefined where nothing is known, which shows as a gap. */
  readonly value: (second: BothEnds) => number | undefined
}

export interface RunChartOptions {
  title: string
  /** One sentence: why to look at it. */
  about: string
  unit: string
  lines: readonly RunLine[]
  /** Whether marks and phases have their names. */
  hasNames?: boolean
  /** Whether its values are numbers of things, so that no mark of the axis lies between two of them. */
  isCount?: boolean
}

const HEIGHT_PX = 200
const DASH = [7, 4]

/** Lines over the time of the run, from both ends. Its caption tells the latest values in words. */
export class RunChart {
  readonly root: HTMLElement
  readonly #options: RunChartOptions
  readonly #plot = new LivePlot({ options: () => this.#plotOptions(), data: () => this.#data() })
  readonly #latest: { item: HTMLElement; value: HTMLElement }[]
  #seconds: readonly BothEnds[] = []
  #happenings: Happenings = { marks: [], phases: [] }

  constructor(options: RunChartOptions) {
    this.#options = options
    const { title, about, unit, lines } = options
    this.#latest = lines.map(({ label, color: name, isOfTarget }) => {
      const mark = element('i', { class: `mark ${name} ${isOfTarget ? 'dashed' : 'solid'}`, 'aria-hidden': 'true' })
      const value = element('b', {}, '–')
      return { item: element('li', {}, mark, `${label} `, value, ` ${unit}`), value }
    })
    const legend = element('ul', { class: 'legend' }, ...this.#latest.map(({ item }) => item))
    const caption = element('figcaption', {}, element('strong', {}, title), element('span', {}, about), legend)
    this.root = element('figure', { class: 'chart' }, caption, this.#plot.root)
  }

  show(happenings: Happenings, seconds: readonly BothEnds[]): void {
    this.#seconds = seconds
    this.#happenings = happenings
    this.#options.lines.forEach(({ value }, at) => {
      const { item, value: shown } = this.#latest[at]!
      const latest = latestOf(seconds, value)
      write(shown, latest === undefined ? '–' : number(latest))
      // Some runs have no such line.
      item.hidden = latest === undefined && seconds.length > 0
    })
    this.#plot.draw()
  }

  #data(): uPlot.AlignedData {
    return [
      this.#seconds.map(({ second }) => second + 1),
      ...this.#options.lines.map(({ value }) => this.#seconds.map(second => value(second) ?? null)),
    ]
  }

  #plotOptions(): LivePlotOptions {
    const { lines, hasNames = false, isCount } = this.#options
    return {
      height: HEIGHT_PX,
      scales: {
        x: { time: false, range: () => shownSeconds(this.#seconds) },
        y: { range: (_plot, _min, max) => [0, (max || 1) * 1.1] },
      },
      axes: timeAxes(isCount),
      hooks: { drawAxes: [plot => drawHappenings(plot, this.#happenings, hasNames)] },
      series: [
        {},
        ...lines.map(({ label, color: name, isOfTarget }) => ({
          label,
          stroke: color(name),
          width: 1.75,
          points: { show: false },
          ...(isOfTarget && { dash: DASH }),
        })),
      ],
    }
  }
}

function latestOf(seconds: readonly BothEnds[], value: RunLine['value']): number | undefined {
  for (let at = seconds.length - 1; at >= 0; at--) {
    const known = value(seconds[at]!)
    if (known !== undefined) return known
  }
  return undefined
}
