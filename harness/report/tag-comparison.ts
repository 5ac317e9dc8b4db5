import { tagNames } from '../metrics/catalog.ts'
import type { CustomFigures, CustomMetricRow } from '../results/custom-metrics.ts'
import { figuresInWords } from './custom-lines.ts'
import { clipped, plain } from './terminal.ts'

/** Metrics of the scenario that have a tag in common, side by side by its values. */
export interface TagComparison {
  tag: string
  metrics: CustomMetricRow[]
  /** Each value of the tag, with the figures of each metric; undefined where it has none. */
  rows: { value: string; figures: (CustomFigures | undefined)[] }[]
}

/** More would be a screen of their own. */
const MOST_VALUES = 8
const GAP = '  '

/** Returns a comparison for each tag of the scenario with several values that several metrics have. */
export function tagComparisons(customMetrics: readonly CustomMetricRow[]): TagComparison[] {
  const tags = new Set(customMetrics.flatMap(({ byTag }) => byTag.map(({ tag }) => tag)))
  for (const tag of tagNames) tags.delete(tag)
  return [...tags].flatMap(tag => {
    const metrics = customMetrics.filter(({ byTag }) => byTag.some(each => each.tag === tag))
    const found = metrics.map(({ byTag }) => byTag.filter(each => each.tag === tag))
    const values = [...new Set(found.flatMap(each => each.map(({ value }) => value)))]
    if (metrics.length < 2 || values.length < 2) return []
    const rows = values.map(value => ({
      value,
      figures: found.map(each => each.find(figures => figures.value === value)?.figures),
    }))
    return [{ tag, metrics, rows }]
  })
}

/** Returns a table in lines for each comparison. */
export function tagComparisonLines(customMetrics: readonly CustomMetricRow[], width: number): string[] {
  return tagComparisons(customMetrics).flatMap(({ tag, metrics, rows }) => {
    const shown = rows.slice(0, MOST_VALUES)
    const cells = [
      [plain(tag), ...metrics.map(({ name }) => plain(name))],
      ...shown.map(({ value, figures }) => [
        value === '' ? '(none)' : plain(value),
        ...figures.map((each, index) => shortly(each, metrics[index]!)),
      ]),
    ]
    const widths = cells[0]!.map((_, column) => Math.max(...cells.map(row => row[column]!.length)))
    const lines = cells.map(row =>
      clipped(
        row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join(GAP)
          .trimEnd(),
        width,
      ),
    )
    return rows.length > shown.length ? [...lines, `and ${rows.length - shown.length} more`] : lines
  })
}

/** The figures without their number of samples. */
function shortly(figures: CustomFigures | undefined, { unit }: CustomMetricRow): string {
  return figures === undefined ? '–' : figuresInWords(figures, { unit }).split(' · ')[0]!
}
