import type { HistoryRun } from '../../comparison/history.ts'
import type { StatisticTrend, TrendLevel } from '../../comparison/trend.ts'
import { signedChange } from '../comparison.ts'
import { dayOf, leastRangeOf, minuteOf } from '../history.ts'
import { formatQuantity } from '../quantity.ts'
import { html, type Markup } from '../html/markup.ts'

const [WIDTH, HEIGHT] = [480, 170]
/** The plot within the drawing. */
const [LEFT, RIGHT, TOP, BOTTOM] = [62, 472, 22, 146]

/** Places runs and values on the drawing. */
interface Axes {
  x: (run: number) => number
  y: (value: number) => number
  low: number
  high: number
}

/** Draws a trend: a point for each run, a line for each level, and a mark at each change. It needs no script. */
export function trendChart(trend: StatisticTrend, runs: readonly HistoryRun[]): Markup {
  const axes = axesOf(trend, runs.length)
  return html`<svg class="trend" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${labelOf(trend, runs)}">
${frame(trend, runs, axes)}${trend.levels.map(level => levelLine(level, trend, axes))}${points(trend, runs, axes)}${marks(trend, axes)}</svg>
`
}

function axesOf({ values, unit }: StatisticTrend, runs: number): Axes {
  const known = values.filter(value => value !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const range = Math.max((most - least) * 1.1, leastRangeOf(unit, most), 1e-9)
  const low = Math.max(0, (least + most - range) / 2)
  const high = low + range
  const step = (RIGHT - LEFT) / Math.max(1, runs - 1)
  return {
    low,
    high,
    x: run => (runs === 1 ? (LEFT + RIGHT) / 2 : LEFT + run * step),
    y: value => BOTTOM - ((value - low) / range) * (BOTTOM - TOP),
  }
}

function labelOf({ statistic, levels, unit, changes }: StatisticTrend, runs: readonly HistoryRun[]): string {
  const values = levels.map(({ value }) => formatQuantity(value, unit)).join(', then ')
  return `${statistic} over ${runs.length} runs: ${values}; ${changes.length === 0 ? 'no change' : `${changes.length} changes`}`
}

function frame({ unit }: StatisticTrend, runs: readonly HistoryRun[], { low, high, y }: Axes): Markup {
  const ticks = [low, (low + high) / 2, high]
  const [first, last] = [runs[0], runs.at(-1)].map(run => dayOf(run?.startedAt ?? 0))
  return html`${ticks.map(
    tick =>
      html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${placed(y(tick))}" y2="${placed(y(tick))}"/><text x="${LEFT - 6}" y="${placed(y(tick) + 4)}" text-anchor="end">${formatQuantity(tick, unit)}</text>\n`,
  )}<text x="${LEFT}" y="${HEIGHT - 6}">${first}</text><text x="${RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${last}</text>
`
}

function levelLine({ fromRun, toRun, value }: TrendLevel, { noise, unit }: StatisticTrend, { x, y }: Axes): Markup {
  const spread = noise === undefined ? 0 : unit === 'share' ? noise : value * noise
  const [from, to, top, bottom] = [x(fromRun), x(toRun), y(value + spread), y(Math.max(0, value - spread))]
  return html`<rect class="spread" x="${placed(from)}" width="${placed(Math.max(1, to - from))}" y="${placed(top)}" height="${placed(Math.max(0, bottom - top))}"/><line class="level" x1="${placed(from)}" x2="${placed(to)}" y1="${placed(y(value))}" y2="${placed(y(value))}"/>
`
}

function points({ values, unit }: StatisticTrend, runs: readonly HistoryRun[], { x, y }: Axes): Markup[] {
  return values.flatMap((value, run) => {
    const at = runs[run]
    if (value === null || at === undefined) return []
    const tags = Object.entries(at.tags).map(([key, tag]) => ` · ${key}=${tag}`)
    return [
      html`<circle cx="${placed(x(run))}" cy="${placed(y(value))}" r="2.2"><title>${formatQuantity(value, unit)} · ${minuteOf(at.startedAt)} · ${at.path}${tags}</title></circle>\n`,
    ]
  })
}

/** Each label begins at its mark, or ends there in the right half. */
function marks({ changes, unit }: StatisticTrend, { x }: Axes): Markup[] {
  return changes.map(({ run, state, change }) => {
    const place = (x(run - 1) + x(run)) / 2
    const isLeft = place < (LEFT + RIGHT) / 2
    return html`<g class="${state}"><line class="mark" x1="${placed(place)}" x2="${placed(place)}" y1="${TOP - 8}" y2="${BOTTOM}"/><text x="${placed(place + (isLeft ? 4 : -4))}" y="${TOP - 6}"${!isLeft && html` text-anchor="end"`}>${signedChange(change, unit)}</text></g>\n`
  })
}

function placed(pixels: number): string {
  return String(Math.round(pixels * 10) / 10)
}
