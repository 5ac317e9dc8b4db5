const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A row of bars, and where marks stand below it. */
export interface Sparkline {
  bars: string
  marks: string
}

/**
 * Draws values as a row of at most `width` bars, with a mark below the first bar of each change. Neighbours share a bar if there are too
 * many. The scale spans at least `leastRange`, so that noise does not look like a change.
 */
export function sparkline(
  values: readonly (number | null)[],
  changes: readonly number[],
  { width, leastRange }: { width: number; leastRange: number },
): Sparkline {
  const perBar = Math.max(1, Math.ceil(values.length / width))
  const heights = Array.from({ length: Math.ceil(values.length / perBar) }, (_, bar) =>
    meanOf(values.slice(bar * perBar, (bar + 1) * perBar)),
  )
  const known = heights.filter(height => height !== undefined)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const range = Math.max(high - low, leastRange)
  const bottom = (low + high - range) / 2
  const marked = new Set(changes.map(change => Math.floor(change / perBar)))
  return {
    bars: heights.map(height => (height === undefined ? ' ' : barOf((height - bottom) / range))).join(''),
    marks: heights
      .map((_, bar) => (marked.has(bar) ? '↑' : ' '))
      .join('')
      .trimEnd(),
  }
}

function meanOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** @param share of the range, 0…1 */
function barOf(share: number): string {
  const step = Math.floor((Number.isFinite(share) ? share : 0.5) * BARS.length)
  return BARS[Math.min(BARS.length - 1, Math.max(0, step))]!
}
