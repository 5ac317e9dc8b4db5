import type { ComparisonRow, RunComparison } from '../../comparison/comparison.ts'
import { html, type Markup } from '../html/markup.ts'

const [WIDTH, HEIGHT] = [110, 14]
/** The scale of all bars, in multiples of the tolerance: at least, and at most. */
const [LEAST, MOST] = [2, 12]

/** Draws intervals of changes on one scale. */
export class IntervalBars {
  readonly #comparison: Pick<RunComparison, 'tolerance' | 'shareTolerance'>
  /** Largest change that is drawn, in multiples of the tolerance. */
  readonly #range: number

  constructor(comparison: RunComparison) {
    this.#comparison = comparison
    const reaches = comparison.rows.map(row => row.verdict.largest / this.#toleranceOf(row))
    this.#range = Math.min(MOST, Math.max(LEAST, ...reaches))
  }

  /** Returns the interval of a row as a line, with the change as a point. What lies beyond the scale is cut off. */
  bar(row: ComparisonRow): Markup {
    const { change, interval } = row.verdict
    const x = (value: number) => this.#x(value / this.#toleranceOf(row))
    const middle = HEIGHT / 2
    return html`<svg class="interval" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
<rect class="tolerated" x="${this.#x(-1)}" y="0" width="${(Number(this.#x(1)) - Number(this.#x(-1))).toFixed(1)}" height="${HEIGHT}"/>
<line class="none" x1="${this.#x(0)}" x2="${this.#x(0)}" y1="0" y2="${HEIGHT}"/>
<line class="reach" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="${middle}" y2="${middle}"/>
<circle cx="${x(change)}" cy="${middle}" r="3.5"/></svg>`
  }

  #toleranceOf({ unit }: ComparisonRow): number {
    return unit === 'share' ? this.#comparison.shareTolerance : this.#comparison.tolerance
  }

  #x(tolerances: number): string {
    const share = Math.min(1, Math.max(-1, tolerances / this.#range))
    return (((share + 1) / 2) * (WIDTH - 8) + 4).toFixed(1)
  }
}
