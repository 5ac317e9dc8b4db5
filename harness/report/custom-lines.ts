import type { CustomFigures, CustomMetricRow } from '../results/custom-metrics.ts'
import type { RunResult } from '../results/run-result.ts'
import { hasPercentile } from '../results/spectrum.ts'
import { formatCount } from '../../core/number-format.ts'
import { counted, formatPart, formatPercentiles, formatQuantity } from './quantity.ts'
import { clipped, plain } from './terminal.ts'

const MOST_SHOWN = 10
const LONGEST_NAME = 22

/** Returns a line for each group: how often it was run, and how long it took. */
export function groupLines({ groups = [] }: RunResult, width: number): string[] {
  const nameWidth = widthOf(groups.map(({ group }) => group))
  const lines = groups.slice(0, MOST_SHOWN).map(({ group, count, failed, duration }) => {
    const threw = failed === 0 ? [] : [`${formatCount(failed)} threw`]
    const told = [counted(count, 'time'), ...threw, formatPercentiles(duration).slice(0, 2).join('  ')]
    return clipped(`${named(group, nameWidth)}${told.filter(text => text !== '').join(' · ')}`, width)
  })
  return withRest(lines, groups.length)
}

/** Returns a line for each metric that the scenario declares. */
export function customMetricLines({ customMetrics = [] }: RunResult, width: number): string[] {
  const nameWidth = widthOf(customMetrics.map(({ name }) => name))
  const lines = customMetrics
    .slice(0, MOST_SHOWN)
    .map(row => clipped(`${named(row.name, nameWidth)}${figuresInWords(row.figures, row)}`, width))
  return withRest(lines, customMetrics.length)
}

/** `1,250 EUR · 62.5 EUR/s`, `97 % of 120`, `12 items now, 3…40 items`, `p50 3.00 items, p95 9.00 items · 40 samples`. */
export function figuresInWords(figures: CustomFigures, { unit }: Pick<CustomMetricRow, 'unit'>): string {
  const shown = (value: number) => formatQuantity(value, unit)
  switch (figures.kind) {
    case 'counter':
      return `${shown(figures.total)} · ${shown(figures.perSecond)} a second`
    case 'rate':
      return figures.total === 0
        ? 'no samples'
        : `${formatPart(figures.hits, figures.total)} of ${formatCount(figures.total)}`
    case 'gauge':
      return figures.last === undefined
        ? 'no samples'
        : `${shown(figures.last)} at the end, from ${shown(figures.min ?? 0)} to ${shown(figures.max ?? 0)}`
    case 'trend': {
      const { count, p50, p95, max } = figures
      if (count === 0) return 'no samples'
      const high = hasPercentile(count, 95) ? `p95 ${shown(p95)}` : `max ${shown(max)}`
      return `p50 ${shown(p50)}, ${high} · ${counted(count, 'sample')}`
    }
  }
}

function widthOf(names: readonly string[]): number {
  return Math.min(LONGEST_NAME, Math.max(0, ...names.map(name => name.length))) + 2
}

function named(name: string, width: number): string {
  return clipped(plain(name), LONGEST_NAME).padEnd(width)
}

function withRest(lines: string[], count: number): string[] {
  return count > MOST_SHOWN ? [...lines, `and ${count - MOST_SHOWN} more`] : lines
}
