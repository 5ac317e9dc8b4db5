import { aligned } from '../../results/known-values.ts'
import type { CustomFigures, CustomMetricRow, TagFigures } from '../../results/custom-metrics.ts'
import type { RunResult } from '../../results/run-result.ts'
import { figuresInWords } from '../custom-lines.ts'
import { type TagComparison, tagComparisons } from '../tag-comparison.ts'
import { type Chart, figure, type LineStyle, rounded, type Tone } from './chart.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, section, table } from './table.ts'

const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['blue', 'solid'],
  ['orange', 'dashed'],
]
/** More charts would hide those that matter. The table has every metric. */
const MOST_CHARTS = 24

/** Returns a chart of each metric of the scenario whose values are known at two moments at least. */
export function customCharts({ customMetrics = [] }: RunResult): Chart[] {
  return customMetrics.map(chartOf).filter(hasLine).slice(0, MOST_CHARTS)
}

function hasLine({ series }: Chart): boolean {
  return series.some(({ values }) => values.filter(value => value !== null).length > 1)
}

function chartOf(
  { name, kind, unit, description, overTime: { toMs, columns } }: CustomMetricRow,
  ordinal: number,
): Chart {
  const perUnit = kind === 'rate' ? 100 : 1
  const what = kind === 'rate' ? '%' : kind === 'counter' ? `${unit === 'count' ? '' : `${unit} `}a second` : unit
  return {
    id: `custom-${ordinal}`,
    title: what === 'count' ? name : `${name}, ${what}`,
    note: description,
    ...(kind === 'counter' && { rates: true as const }),
    seconds: toMs.map((endMs, at) => rounded(((toMs[at - 1] ?? 0) + endMs) / 2000)),
    series: columns.map(({ label, values }, index) => {
      const [tone, line] = looks[index]!
      const points = aligned(values, toMs.length).map(value => rounded(value === null ? null : value * perUnit))
      return { label, tone, line, values: points }
    }),
  }
}

/** The part of the page about the metrics of the scenario; nothing without any. */
export function customMetrics(result: RunResult): Markup | undefined {
  const { customMetrics = [], timeline } = result
  if (customMetrics.length === 0) return undefined
  const columns: Column<CustomMetricRow>[] = [
    { title: 'Metric', kind: 'head', cell: ({ name }) => breakable(name), order: ({ name }) => name },
    { title: 'Kind', cell: ({ kind }) => kind },
    { title: 'Values', kind: 'name', cell: row => figuresInWords(row.figures, row) },
    { title: 'Meaning', kind: 'prose', cell: ({ description }) => description },
  ]
  const charts = timeline.length === 0 ? [] : customCharts(result)
  return section(
    'metrics',
    'Metrics of the scenario',
    table('Metrics that the scenario declares', columns, customMetrics),
    charts.length > 0 && html`<div class="charts with-script">${charts.map(figure)}</div>\n`,
    tagComparisons(customMetrics).map(sideBySide),
    customMetrics.flatMap(row => byTag(row) ?? []),
  )
}

function sideBySide({ tag, metrics, rows }: TagComparison): Markup {
  const columns: Column<TagComparison['rows'][number]>[] = [
    { title: tag, kind: 'head', cell: ({ value }) => (value === '' ? '(none)' : breakable(value)) },
    ...metrics.map(({ name, unit }, index): Column<TagComparison['rows'][number]> => {
      const cell = (figures: CustomFigures | undefined) =>
        figures === undefined ? '–' : figuresInWords(figures, { unit })
      return { title: name, kind: 'name', cell: ({ figures }) => cell(figures[index]) }
    }),
  ]
  return table(`Metrics side by side by ${tag}`, columns, rows)
}

interface UnitedFigures extends TagFigures {
  unit: string
}

function byTag({ name, unit, byTag }: CustomMetricRow): Markup | undefined {
  const told = [...Map.groupBy(byTag, ({ tag }) => tag).values()].filter(rows => rows.length > 1).flat()
  if (told.length === 0) return undefined
  const columns: Column<UnitedFigures>[] = [
    { title: 'Tag', kind: 'name', cell: ({ tag }) => tag },
    { title: 'Value', kind: 'head', cell: ({ value }) => (value === '' ? '(none)' : breakable(value)) },
    { title: 'Values', kind: 'name', cell: row => figuresInWords(row.figures, row) },
  ]
  const rows = told.map(row => ({ ...row, unit }))
  return html`<details><summary>${name} by tag</summary>${table(`${name} by the values of its tags`, columns, rows)}${othersNote(rows)}</details>\n`
}

/** Explains values that share one. */
export function othersNote(rows: readonly { tag: string; value: string }[]): Markup | undefined {
  const tags = [...new Set(rows.filter(({ value }) => value === '(other)').map(({ tag }) => tag))]
  if (tags.length === 0) return undefined
  return html`<p class="aside">${tags.join(', ')}: there were more values than are kept apart. The rest are under <code>(other)</code>.</p>\n`
}
