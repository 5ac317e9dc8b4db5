import { formatNumber } from '../../../core/number-format.ts'
import { html, type Markup } from '../html/markup.ts'

/** A point of a plot. Its class decides colour and shape. */
export interface PlotPoint {
  x: number
  y: number
  kind: string
  /** Shown when a reader points at it. */
  title: string
}

export interface PlotLine {
  points: readonly { x: number; y: number }[]
  kind: string
}

/** A drawing that needs no script. Axes are logarithmic where the values cover more than a decade. */
export interface Plot {
  id: string
  title: string
  note: string
  xLabel: string
  yLabel: string
  points: readonly PlotPoint[]
  lines: readonly PlotLine[]
  /** A limit on the vertical axis. */
  limit?: { value: number; label: string }
  /** Another place on the horizontal axis. */
  mark?: { value: number; label: string }
  /** Part of the horizontal axis, and a line within it. */
  band?: { low: number; high: number; middle: number; label: string }
}

const SIZE = { width: 560, height: 300, left: 58, right: 14, top: 14, bottom: 40 }
const RADIUS = 5
const MOST_TICKS = 6

interface Axis {
  at(value: number): number
  ticks: number[]
}

/** Returns a plot as SVG, with a caption. */
export function plotFigure(plot: Plot): Markup {
  const { id, title, note, points, lines, limit, band, mark } = plot
  const all = [...points, ...lines.flatMap(line => line.points)]
  const x = axisOf(
    [
      ...all.map(point => point.x),
      ...(band === undefined ? [] : [band.low, band.high]),
      ...(mark === undefined ? [] : [mark.value]),
    ],
    SIZE.left,
    SIZE.width - SIZE.right,
  )
  const y = axisOf(
    [...all.map(point => point.y), ...(limit === undefined ? [] : [limit.value])],
    SIZE.height - SIZE.bottom,
    SIZE.top,
  )
  return html`<figure>
<figcaption id="plot-${id}"><strong>${title}</strong> <span>${note}</span></figcaption>
<svg class="plot-svg" role="img" aria-labelledby="plot-${id}" viewBox="0 0 ${SIZE.width} ${SIZE.height}">
${band !== undefined && bandMarkup(band, x)}${axesMarkup(plot, x, y)}${limit !== undefined && limitMarkup(limit, y)}${mark !== undefined && markMarkup(mark, x)}${lines.map(
  line =>
    html`<polyline class="line ${line.kind}" points="${line.points.map(point => `${place(x.at(point.x))},${place(y.at(point.y))}`).join(' ')}"/>\n`,
)}${points.map(
  point =>
    html`<circle class="probe ${point.kind}" cx="${place(x.at(point.x))}" cy="${place(y.at(point.y))}" r="${RADIUS}"><title>${point.title}</title></circle>\n`,
)}</svg>
</figure>
`
}

function axesMarkup({ xLabel, yLabel }: Plot, x: Axis, y: Axis): Markup {
  const [bottom, right] = [SIZE.height - SIZE.bottom, SIZE.width - SIZE.right]
  return html`${y.ticks.map(
    tick => html`<line class="grid" x1="${SIZE.left}" x2="${right}" y1="${place(y.at(tick))}" y2="${place(y.at(tick))}"/>
<text class="tick" x="${SIZE.left - 6}" y="${place(y.at(tick) + 4)}" text-anchor="end">${formatNumber(tick)}</text>\n`,
  )}${x.ticks.map(tick => html`<text class="tick" x="${place(x.at(tick))}" y="${bottom + 16}" text-anchor="middle">${formatNumber(tick)}</text>\n`)}<line class="axis" x1="${SIZE.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="name" x="${right}" y="${bottom + 34}" text-anchor="end">${xLabel}</text>
<text class="name" x="${SIZE.left + 6}" y="${SIZE.top + 8}">${yLabel}</text>
`
}

function bandMarkup({ low, high, middle, label }: NonNullable<Plot['band']>, x: Axis): Markup {
  const [from, to] = [x.at(low), x.at(high)]
  const bottom = SIZE.height - SIZE.bottom
  return html`<rect class="interval" x="${place(from)}" y="${SIZE.top}" width="${place(Math.max(1, to - from))}" height="${bottom - SIZE.top}"><title>${label}</title></rect>
<line class="estimate" x1="${place(x.at(middle))}" x2="${place(x.at(middle))}" y1="${SIZE.top}" y2="${bottom}"/>
`
}

function limitMarkup({ value, label }: NonNullable<Plot['limit']>, y: Axis): Markup {
  const right = SIZE.width - SIZE.right
  return html`<line class="limit" x1="${SIZE.left}" x2="${right}" y1="${place(y.at(value))}" y2="${place(y.at(value))}"/>
<text class="limit-name" x="${right - 4}" y="${place(y.at(value) - 5)}" text-anchor="end">${label}</text>
`
}

function markMarkup({ value, label }: NonNullable<Plot['mark']>, x: Axis): Markup {
  const [at, bottom] = [place(x.at(value)), SIZE.height - SIZE.bottom]
  return html`<line class="mark" x1="${at}" x2="${at}" y1="${SIZE.top}" y2="${bottom}"/>
<text class="mark-name" x="${at - 4}" y="${bottom - 6}" text-anchor="end">${label}</text>
`
}

/** Returns the axis that holds all values between two places of the drawing. */
function axisOf(values: readonly number[], from: number, to: number): Axis {
  const positive = values.filter(value => value > 0)
  const [least, most] = [Math.min(...positive), Math.max(...positive)]
  const isLog = positive.length > 0 && most / least > 10
  if (isLog) {
    const [low, high] = [Math.log(least / 1.15), Math.log(most * 1.15)]
    return {
      at: value => from + ((Math.log(Math.max(value, least / 1.15)) - low) / (high - low)) * (to - from),
      ticks: logTicks(least, most),
    }
  }
  const high = positive.length === 0 ? 1 : most * 1.08
  return { at: value => from + (Math.max(0, value) / high) * (to - from), ticks: evenTicks(high) }
}

function logTicks(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least))
  const powers = Array.from({ length: Math.ceil(Math.log10(most)) - first + 1 }, (_, at) => 10 ** (first + at))
  const fine = powers.flatMap(power => [1, 2, 5].map(digit => digit * power))
  const within = (ticks: number[]) => ticks.filter(tick => tick >= least / 1.15 && tick <= most * 1.15)
  return within(fine).length <= MOST_TICKS + 2 ? within(fine) : within(powers)
}

function evenTicks(high: number): number[] {
  const rough = high / MOST_TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(digit => digit * power).find(size => size >= rough)!
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, at) => at * step)
}

function place(value: number): number {
  return Math.round(value * 10) / 10
}
