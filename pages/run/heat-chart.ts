import type uPlot from 'uplot'
import { element, write } from '../widgets/element.ts'
import { LivePlot, type LivePlotOptions } from '../widgets/live-plot.ts'
import { levelMs } from '../widgets/latency-map.ts'
import { count, milliseconds } from '../widgets/quantity.ts'
import { color } from '../widgets/theme.ts'
import { logMarks } from './log-marks.ts'
import type { BothEnds } from './run-seconds.ts'
import { drawHappenings, type Happenings, shownSeconds, timeAxes } from './time-axis.ts'

const HEIGHT_PX = 240
const FAINTEST = 0.14
/** Levels that are shown where there is nothing to show. */
const EMPTY_LEVELS = [20, 30] as const

interface HeatField {
  second: number
  level: number
  count: number
}

/** All response times: a column for each second, a field for each level of time. */
export class HeatChart {
  readonly root: HTMLElement
  readonly #plot = new LivePlot({ options: () => this.#plotOptions(), data: () => this.#data() })
  readonly #words = element('span', { class: 'heat-words' }, 'No response yet.')
  #seconds: readonly BothEnds[] = []
  #fields: HeatField[] = []
  #happenings: Happenings = { marks: [], phases: [] }

  constructor() {
    const caption = element(
      'figcaption',
      {},
      element('strong', {}, 'Response times, all of them'),
      element(
        'span',
        {},
        'Percentiles hide whether there are two kinds of responses, or a few very slow ones. Here each request counts: faint is one, strong is most.',
      ),
      this.#words,
    )
    this.root = element('figure', { class: 'chart wide' }, caption, this.#plot.root)
  }

  show(happenings: Happenings, seconds: readonly BothEnds[]): void {
    this.#seconds = seconds
    this.#happenings = happenings
    this.#fields = seconds.flatMap(({ second, seen }) => fieldsOf(second, seen?.heat ?? []))
    write(this.#words, wordsOf(this.#fields))
    this.#plot.draw()
  }

  #data(): uPlot.AlignedData {
    const times = this.#seconds.map(({ second }) => second + 1)
    return [times, times.map(() => null)]
  }

  #plotOptions(): LivePlotOptions {
    const levels = () => this.#fields.map(({ level }) => level)
    const [times, values] = timeAxes() as [uPlot.Axis, uPlot.Axis]
    return {
      height: HEIGHT_PX,
      scales: {
        x: { time: false, range: () => shownSeconds(this.#seconds) },
        y: {
          distr: 3,
          range: () => {
            const shown = levels()
            const [lowest, highest] =
              shown.length === 0
                ? EMPTY_LEVELS
                : [shown.reduce((a, b) => Math.min(a, b)), shown.reduce((a, b) => Math.max(a, b))]
            return [levelMs(lowest - 1), levelMs(highest + 2)]
          },
        },
      },
      axes: [
        times,
        {
          ...values,
          size: 72,
          splits: (_, _axis, lowest, highest) => logMarks(lowest, highest),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(milliseconds),
        },
      ],
      hooks: {
        drawAxes: [
          plot => {
            this.#drawFields(plot)
            drawHappenings(plot, this.#happenings, false)
          },
        ],
      },
      series: [{}, { label: 'response times' }],
    }
  }

  #drawFields(plot: uPlot): void {
    const { ctx, bbox } = plot
    const most = this.#fields.reduce((highest, { count }) => Math.max(highest, count), 1)
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    ctx.fillStyle = color('blue')
    for (const { second, level, count } of this.#fields) {
      const [left, right] = [second, second + 1].map(each => Math.round(plot.valToPos(each, 'x', true))) as [
        number,
        number,
      ]
      const [bottom, top] = [level, level + 1].map(each => Math.round(plot.valToPos(levelMs(each), 'y', true))) as [
        number,
        number,
      ]
      // Few slow requests among many fast ones matter most, so the scale is logarithmic.
      ctx.globalAlpha = most === 1 ? 1 : FAINTEST + (1 - FAINTEST) * (Math.log(count) / Math.log(most))
      ctx.fillRect(left, top, Math.max(1, right - left), bottom - top)
    }
    ctx.restore()
  }
}

function fieldsOf(second: number, [first, ...counts]: readonly number[]): HeatField[] {
  if (first === undefined) return []
  return counts.flatMap((count, at) => (count > 0 ? [{ second, level: first + at, count }] : []))
}

/** Describes the latest column. */
function wordsOf(fields: readonly HeatField[]): string {
  const latest = fields.filter(({ second }) => second === fields.at(-1)?.second)
  const [first] = latest
  if (first === undefined) return 'No response yet.'
  const fullest = latest.reduce((most, field) => (field.count > most.count ? field : most), first)
  const range = ({ level }: HeatField) => `${milliseconds(levelMs(level))} to ${milliseconds(levelMs(level + 1))}`
  return `In the last second, ${count(fullest.count)} took ${range(fullest)}; the slowest ${range(latest.at(-1)!)}.`
}
