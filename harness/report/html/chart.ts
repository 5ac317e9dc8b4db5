import { html, type Markup } from './markup.ts'

/** A chart of the page. Its x axis is the seconds of the run, unless it has its own. */
export interface Chart {
  id: string
  title: string
  /** Description of the chart, for readers who are new to it or cannot see it. */
  note: string
  /** Quantity on the right axis, if there is one. */
  right?: 'number' | 'share'
  series: ChartSeries[]
}

export interface ChartSeries {
  label: string
  /** One of the page's series colours. */
  tone: Tone
  /** Beside the colour, so that the colour is not the only sign. */
  line: LineStyle
  /** Left by default. */
  axis?: 'right'
  /** `null` for points without a value. */
  values: (number | null)[]
}

export type Tone = 'blue' | 'orange' | 'violet' | 'teal' | 'red' | 'grey'
export type LineStyle = 'solid' | 'dashed' | 'dotted'

/** Returns the element into which `page.js` draws a chart. */
export function figure({ id, title, note }: Pick<Chart, 'id' | 'title' | 'note'>): Markup {
  return html`<figure>
<figcaption id="chart-${id}"><strong>${title}</strong> <span>${note}</span></figcaption>
<div class="plot" role="img" aria-labelledby="chart-${id}" data-chart="${id}"></div>
</figure>
`
}

/** Rounds to a microsecond. Nothing here is measured more precisely, and more digits only make the file larger. */
export function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 1000) / 1000) as T
}
