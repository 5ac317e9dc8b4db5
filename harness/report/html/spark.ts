import { html, type Markup } from './markup.ts'

const WIDTH = 90
const HEIGHT = 20
/** Maximum number of points; more would not be seen. */
const MOST_POINTS = 45

/**
 * Returns a small line of values over time, from zero to the highest. A script makes it a button that chooses a view.
 * @param view number of its view, if it has one
 */
export function spark(values: readonly (number | null)[], view: number | undefined): Markup | undefined {
  const known = values.filter(value => value !== null)
  if (known.length < 2) return undefined
  const most = Math.max(...known)
  const step = Math.ceil(values.length / MOST_POINTS)
  const points: string[] = []
  for (let at = 0; at < values.length; at += step) {
    const group = values.slice(at, at + step).filter(value => value !== null)
    if (group.length === 0) continue
    const x = (at / Math.max(1, values.length - 1)) * WIDTH
    const y = HEIGHT - 1 - (most === 0 ? 0 : (Math.max(...group) / most) * (HEIGHT - 2))
    points.push(`${x.toFixed(0)},${y.toFixed(1)}`)
  }
  return html`<span class="spark"${view !== undefined && html` data-view="${view}"`}><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true"><polyline points="${points.join(' ')}" fill="none" stroke="currentColor" stroke-width="1.3"/></svg></span>`
}
