import { drawn } from '../widgets/element.ts'
import { drawSoon } from '../widgets/frames.ts'
import { number } from '../widgets/quantity.ts'
import type { LabDrawing } from './lab-state.ts'

const HEIGHT = 300
const MARGIN = { left: 62, right: 36, top: 30, bottom: 48 }
const TICKS = 5
/** Space between the labels of two points, below which one of them is left out. */
const LABEL_WIDTH = 46

/** The axes of a curve, as wide as there is room. Their owner draws the curve. */
export class LabPlot {
  readonly root = drawn('svg', { class: 'lab-plot', height: HEIGHT })
  /** The drawing of the owner. It stays where it is when the axes are drawn again, so that nothing in it loses the focus. */
  readonly marks = drawn('g')
  readonly #lines = drawn('g')
  readonly #drawing: LabDrawing
  readonly #onDraw: () => void
  #width = 600
  top: number

  /** @param onDraw draws into `marks`, or moves what is there */
  constructor(drawing: LabDrawing, onDraw: () => void) {
    this.#drawing = drawing
    this.#onDraw = onDraw
    this.top = drawing.top
    this.root.append(this.#lines, this.marks)
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry!.contentRect.width)
      if (width > 0 && width !== this.#width) {
        this.#width = width
        this.draw()
      }
    }).observe(this.root)
    this.draw()
  }

  draw(): void {
    drawSoon(this.#paint)
  }

  readonly #paint = () => {
    this.root.setAttribute('viewBox', `0 0 ${this.#width} ${HEIGHT}`)
    this.#lines.replaceChildren(...this.#axes())
    this.#onDraw()
  }

  /** Returns where a number stands. Between points at even distances, it stands between their places. */
  xAt(x: number): number {
    const { points, isEven } = this.#drawing
    const [first, last] = [points[0]!.x, points.at(-1)!.x]
    if (!isEven) return this.#left + ((x - first) / (last - first || 1)) * this.#span
    const after = Math.max(
      1,
      points.findIndex(point => point.x >= x),
    )
    const [from, to] = [points[after - 1]!, points[after]!]
    return this.#left + ((after - 1 + (x - from.x) / (to.x - from.x)) / (points.length - 1)) * this.#span
  }

  yAt(value: number): number {
    return HEIGHT - MARGIN.bottom - (value / this.top) * (HEIGHT - MARGIN.bottom - MARGIN.top)
  }

  /** Returns the value at a height, within the axis. */
  valueAt(y: number): number {
    const value = ((HEIGHT - MARGIN.bottom - y) / (HEIGHT - MARGIN.bottom - MARGIN.top)) * this.top
    return Math.min(this.top, Math.max(0, value))
  }

  /** Returns the path through points. */
  path(points: Iterable<readonly [x: number, y: number]>): string {
    return Array.from(points, ([x, y], index) => `${index === 0 ? 'M' : 'L'}${this.xAt(x)} ${this.yAt(y)}`).join('')
  }

  get #left(): number {
    return MARGIN.left
  }

  get #span(): number {
    return Math.max(40, this.#width - MARGIN.left - MARGIN.right)
  }

  #axes(): SVGElement[] {
    const { x, y, points } = this.#drawing
    const right = this.#left + this.#span
    const ticks = Array.from({ length: TICKS + 1 }, (_, index) => (index * this.top) / TICKS)
    const rows = ticks.flatMap(value => [
      drawn('line', { class: 'grid', x1: this.#left, x2: right, y1: this.yAt(value), y2: this.yAt(value) }),
      drawn('text', { class: 'tick', x: this.#left - 8, y: this.yAt(value) + 4, 'text-anchor': 'end' }, number(value)),
    ])
    let free = Number.NEGATIVE_INFINITY
    const columns = points.flatMap(point => {
      const at = this.xAt(point.x)
      const line = drawn('line', { class: 'grid', x1: at, x2: at, y1: this.yAt(0), y2: this.yAt(this.top) })
      if (at < free) return [line]
      free = at + LABEL_WIDTH
      return [line, drawn('text', { class: 'tick', x: at, y: this.yAt(0) + 18, 'text-anchor': 'middle' }, point.label)]
    })
    const unit = y.unit === '' ? '' : ` (${y.unit})`
    return [
      ...rows,
      ...columns,
      drawn('text', { class: 'axis', x: right, y: HEIGHT - 8, 'text-anchor': 'end' }, x.label),
      drawn('text', { class: 'axis', x: 6, y: 16 }, `${y.label}${unit}`),
    ]
  }
}
