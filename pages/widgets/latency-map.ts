import { element, write } from './element.ts'
import { drawSoon } from './frames.ts'
import { milliseconds, number } from './quantity.ts'
import { color, onThemeChange } from './theme.ts'

/** One moment: how many values lay in each level. */
export interface HeatMoment {
  seconds: number
  firstLevel: number
  counts: readonly number[]
}

export interface LatencyMapOptions {
  title: string
  about: string
  /** Number of columns that are kept. */
  columns: number
}

const HEIGHT_PX = 220
const LEFT_PX = 64
const BOTTOM_PX = 24
const SHADES = 10

/** Where a level begins. */
export const levelMs = (level: number) => 0.01 * 10 ** (level / 10)

/** Latency over time: each column is a moment, each field a range of times, and its strength the number of requests. */
export class LatencyMap {
  readonly root: HTMLElement
  readonly #canvas = element('canvas', { 'aria-hidden': 'true' })
  readonly #place = element('div', { class: 'plot heat' }, this.#canvas)
  readonly #words = element('p', { class: 'legend' }, 'no requests yet')
  readonly #capacity: number
  readonly #columns: HeatMoment[] = []
  #first = 0
  readonly #draw = () => this.#redraw()

  constructor({ title, about, columns }: LatencyMapOptions) {
    this.#capacity = columns
    const caption = element('figcaption', {}, element('strong', {}, title), element('span', {}, about), this.#words)
    this.root = element('figure', { class: 'chart' }, caption, this.#place)
    onThemeChange(() => drawSoon(this.#draw))
    new ResizeObserver(() => drawSoon(this.#draw)).observe(this.#place)
  }

  /** @param words the current values, for those who do not see the map */
  add(column: HeatMoment, words: string): void {
    if (this.#columns.length < this.#capacity) this.#columns.push(column)
    else {
      this.#columns[this.#first] = column
      this.#first = (this.#first + 1) % this.#capacity
    }
    write(this.#words, words)
    drawSoon(this.#draw)
  }

  clear(): void {
    this.#columns.length = 0
    this.#first = 0
    drawSoon(this.#draw)
  }

  #redraw(): void {
    const width = this.#place.clientWidth
    const context = this.#canvas.getContext('2d')
    if (width === 0 || context === null) return
    const ratio = devicePixelRatio
    if (this.#canvas.width !== Math.round(width * ratio)) {
      this.#canvas.width = Math.round(width * ratio)
      this.#canvas.height = Math.round(HEIGHT_PX * ratio)
      this.#canvas.style.width = `${width}px`
      this.#canvas.style.height = `${HEIGHT_PX}px`
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, HEIGHT_PX)
    const { lowest, highest, most } = this.#bounds()
    const height = HEIGHT_PX - BOTTOM_PX
    const rowHeight = height / (highest - lowest + 1)
    const top = (level: number) => height - (level - lowest + 1) * rowHeight
    this.#drawAxes(context, width, lowest, highest, level => top(level) + rowHeight)
    const columnWidth = (width - LEFT_PX) / this.#capacity
    context.fillStyle = color('blue')
    const { length } = this.#columns
    for (let at = 0; at < length; at++) {
      const { firstLevel, counts } = this.#columns[(this.#first + at) % length]!
      const left = width - (length - at) * columnWidth
      counts.forEach((count, level) => {
        if (count === 0) return
        // Few slow requests among many fast ones matter most, so the scale is logarithmic.
        const shade = most <= 1 ? 1 : Math.log(count) / Math.log(most)
        context.globalAlpha = 0.16 + 0.84 * (Math.round(shade * SHADES) / SHADES)
        context.fillRect(left, top(firstLevel + level), Math.max(1, columnWidth), Math.max(1, rowHeight))
      })
    }
    context.globalAlpha = 1
  }

  #bounds(): { lowest: number; highest: number; most: number } {
    let [lowest, highest, most] = [Number.POSITIVE_INFINITY, 0, 0]
    for (const { firstLevel, counts } of this.#columns) {
      if (counts.length === 0) continue
      lowest = Math.min(lowest, firstLevel)
      highest = Math.max(highest, firstLevel + counts.length - 1)
      for (const count of counts) most = Math.max(most, count)
    }
    if (most === 0) return { lowest: 20, highest: 40, most }
    return { lowest: Math.max(0, lowest - 2), highest: Math.max(highest + 2, lowest + 10), most }
  }

  #drawAxes(
    context: CanvasRenderingContext2D,
    width: number,
    lowest: number,
    highest: number,
    bottomOf: (level: number) => number,
  ): void {
    context.font = '12px system-ui, sans-serif'
    context.textBaseline = 'middle'
    context.textAlign = 'right'
    context.lineWidth = 1
    for (let level = Math.ceil(lowest / 10) * 10; level <= highest; level += 10) {
      const y = Math.round(bottomOf(level)) + 0.5
      context.strokeStyle = color('line')
      context.beginPath()
      context.moveTo(LEFT_PX, y)
      context.lineTo(width, y)
      context.stroke()
      context.fillStyle = color('muted')
      context.fillText(milliseconds(levelMs(level)), LEFT_PX - 6, y)
    }
    const [oldest, newest] = [this.#columns[this.#first], this.#columns.at(this.#first - 1)]
    if (oldest === undefined || newest === undefined) return
    const span = newest.seconds - oldest.seconds
    context.textBaseline = 'bottom'
    context.fillText('now', width, HEIGHT_PX)
    context.textAlign = 'left'
    const left = width - ((width - LEFT_PX) * this.#columns.length) / this.#capacity
    if (span >= 5 && width - left > 120) context.fillText(`−${number(Math.round(span))} s`, left, HEIGHT_PX)
  }
}
