import type uPlot from 'uplot'
import { axisLook } from './axes.ts'
import { element, write } from './element.ts'
import { LivePlot, type LivePlotOptions } from './live-plot.ts'
import { number } from './quantity.ts'
import { color } from './theme.ts'

export interface ChartPoint {
  x: number
  y: number
}

export interface CurveChartOptions {
  title: string
  about: string
  /** Names of the axes, with their units. */
  x: string
  y: string
  /** Number of measured points that are kept. */
  points: number
}

const HEIGHT_PX = 220

/** A computed curve, and the points that were measured: the newest is large. */
export class CurveChart {
  readonly root: HTMLElement
  readonly #options: CurveChartOptions
  readonly #plot = new LivePlot({ options: () => this.#plotOptions(), data: () => this.#data() })
  readonly #words = element('p', { class: 'legend' })
  #curve: readonly ChartPoint[] = []
  #mark: number | undefined
  #measured: ChartPoint[] = []

  constructor(options: CurveChartOptions) {
    this.#options = options
    const caption = element(
      'figcaption',
      {},
      element('strong', {}, options.title),
      element('span', {}, options.about),
      this.#words,
    )
    this.root = element('figure', { class: 'chart' }, caption, this.#plot.root)
  }

  /** @param mark where on the x axis a line stands, such as a knee */
  setCurve(curve: readonly ChartPoint[], mark: number | undefined): void {
    this.#curve = curve
    this.#mark = mark
    this.#plot.draw()
  }

  /** @param words the current values, for those who do not see the chart */
  add(point: ChartPoint | undefined, words: string): void {
    write(this.#words, words)
    if (point === undefined) return
    this.#measured.push(point)
    if (this.#measured.length > this.#options.points) this.#measured.shift()
    this.#plot.draw()
  }

  clear(): void {
    this.#measured = []
    this.#plot.draw()
  }

  #data(): uPlot.AlignedData {
    return [this.#curve.map(({ x }) => x), this.#curve.map(({ y }) => y)]
  }

  /** The highest values that the axes show. A curve that goes up for ever would leave no room for anything else. */
  #limits(): { x: number; y: number } {
    const x = Math.max(1e-6, ...this.#curve.map(point => point.x), ...this.#measured.map(point => point.x))
    const first = this.#curve[0]?.y ?? 0
    const y = Math.max(first * 8, 1.15 * Math.max(0, ...this.#measured.map(point => point.y)))
    return { x: x * 1.03, y: y > 0 ? y : 1 }
  }

  #plotOptions(): LivePlotOptions {
    const { x, y } = this.#options
    const axis = {
      ...axisLook(),
      labelFont: '12px system-ui, sans-serif',
      labelSize: 18,
      values: (_: uPlot, splits: number[]) => splits.map(split => number(split)),
    }
    return {
      height: HEIGHT_PX,
      scales: {
        x: { time: false, range: () => [0, this.#limits().x] },
        y: { range: () => [0, this.#limits().y] },
      },
      axes: [
        { ...axis, size: 28, label: x },
        { ...axis, size: 52, label: y },
      ],
      series: [{}, { stroke: color('blue'), width: 2, points: { show: false } }],
      hooks: { draw: [plot => this.#drawPoints(plot)] },
    }
  }

  #drawPoints(plot: uPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    if (this.#mark !== undefined) {
      const at = Math.round(plot.valToPos(this.#mark, 'x', true))
      ctx.strokeStyle = color('doubt')
      ctx.lineWidth = devicePixelRatio
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
      ctx.beginPath()
      ctx.moveTo(at, bbox.top)
      ctx.lineTo(at, bbox.top + bbox.height)
      ctx.stroke()
      ctx.setLineDash([])
    }
    ctx.fillStyle = color('orange')
    this.#measured.forEach((point, index) => {
      const isNewest = index === this.#measured.length - 1
      ctx.globalAlpha = isNewest ? 1 : 0.15 + (0.5 * index) / this.#measured.length
      ctx.beginPath()
      const radius = (isNewest ? 6 : 3) * devicePixelRatio
      ctx.arc(plot.valToPos(point.x, 'x', true), plot.valToPos(point.y, 'y', true), radius, 0, 2 * Math.PI)
      ctx.fill()
    })
    ctx.restore()
  }
}
