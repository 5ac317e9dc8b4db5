import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatCount, formatNumber } from '../../../core/number-format.ts'
import { formatMs, formatPart } from '../quantity.ts'
import { hasPercentile } from '../../results/spectrum.ts'
import { type Content, html, type Markup } from './markup.ts'

export interface Column<Row> {
  title: string
  cell: (row: Row) => Content
  /** Text by default. A number is set flush right; `head` names the row. A picture is left out on paper. */
  kind?: 'number' | 'head' | 'name' | 'prose' | 'picture'
  /** Sort key of the column; a column without one cannot be sorted. */
  order?: (row: Row) => number | string
}

/** Returns a column of numbers. */
export function numeric<Row>(title: string, cell: Column<Row>['cell']): Column<Row> {
  return { title, kind: 'number', cell }
}

/** Returns a column of numbers that readers can sort by. */
export function sortable<Row>(
  title: string,
  order: (row: Row) => number,
  format: (value: number) => Content = formatCount,
): Column<Row> {
  return { title, kind: 'number', order, cell: row => format(order(row)) }
}

/** A table that can be sorted and has at least as many rows can also be filtered. */
const FEWEST_FILTERED = 8
/** A longer table scrolls by itself. */
const MOST_AT_ONCE = 40

/**
 * Returns a table that scrolls by itself if the page is too narrow. `caption` is for readers who cannot see the heading
 * above.
 * @param rowClass class that some rows are styled by
 */
export function table<Row>(
  caption: string,
  columns: Column<Row>[],
  rows: readonly Row[],
  rowClass: (row: Row) => string | undefined = () => undefined,
): Markup {
  const isSortable = columns.some(column => column.order !== undefined) && rows.length > 1
  const isFiltered = isSortable && rows.length >= FEWEST_FILTERED
  const isLong = isSortable && rows.length > MOST_AT_ONCE
  return html`<div class="table${isLong && ' long'}" role="region" aria-label="${caption}" tabindex="0"><table${isSortable && html` data-sortable`}${isFiltered && html` data-filter`}>
<caption>${caption}</caption>
<thead><tr>${columns.map(
    ({ title, kind, order }) =>
      html`<th scope="col"${kind && html` class="${kind}"`}${isSortable && order && html` data-order`}>${title}</th>`,
  )}</tr></thead>
<tbody>${rows.map(row => html`<tr${rowClass(row) !== undefined && html` class="${rowClass(row)}"`}>${columns.map(column => cell(column, row))}</tr>\n`)}</tbody>
</table></div>\n`
}

function cell<Row>({ kind, cell, order }: Column<Row>, row: Row): Markup {
  const value = order && html` data-value="${order(row)}"`
  if (kind === 'head') return html`<th scope="row"${value}>${cell(row)}</th>`
  return html`<td${kind && html` class="${kind}"`}${value}>${cell(row)}</td>`
}

/**
 * Returns a column of a time in ms, without its unit.
 * @param percentile percentile that needs this many samples; rows with fewer have none
 */
export function timeColumn<Row>(
  title: string,
  percentile: number,
  times: (row: Row) => TrendSummary,
  value: (times: TrendSummary) => number,
): Column<Row> {
  return {
    ...sortable<Row>(title, row => value(times(row))),
    cell: row => (hasPercentile(times(row).count, percentile) ? formatNumber(value(times(row))) : '–'),
  }
}

/** Formats the failures among some requests: how many, and their share. */
export function failures({ failed, requests }: { failed: number; requests: number }): Content {
  return failed === 0 ? '0' : html`${formatCount(failed)} <span class="part">${formatPart(failed, requests)}</span>`
}

export type Fact = readonly [name: string, value: Content]

/** Returns the median and the 99th percentile of a time; with few samples, the slowest instead. */
export function quantiles(name: string, { count, p50Ms, p99Ms, maxMs }: TrendSummary): Fact[] {
  if (count === 0) return [[name, 'no samples']]
  if (count === 1) return [[`${name}, one sample`, formatMs(maxMs)]]
  return [
    [`${name}, median`, formatMs(p50Ms)],
    hasPercentile(count, 99) ? [`${name}, p99`, formatMs(p99Ms)] : [`${name}, slowest of ${count}`, formatMs(maxMs)],
  ]
}

/** Returns names and values side by side. */
export function facts(entries: readonly Fact[]): Markup {
  return html`<dl class="facts">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>\n`
}

export function section(id: string, title: string, ...contents: Content[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${title}</h2>\n${contents}</section>\n`
}
