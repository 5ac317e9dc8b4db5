import { html, type Markup } from './markup.ts'

/** A chart of the page. Its x axis is the seconds of the run, unless it has its own. */
export interface Chart {
  id: string
  title: string
  /** Description of the chart, for readers who are new to it or cannot see it. */
  note: string
  /** Unit of the left axis; numbers by default. */
  left?: 'bytes'
  /** Quantity on the right axis, if there is one. */
  right?: 'number' | 'share'
  /** Whether readers may switch the left axis to a logarithmic one. */
  log?: true
  /** Labels of two series whose space in between is shaded. */
  band?: [low: string, high: string]
  /** Whether values are rates. A thinned chart shows means of rates, and the highest of all other values. */
  rates?: true
  /** Middles of its intervals, if they are not those of all charts. */
  seconds?: number[]
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

/** Members of a chart that `page/` draws from. */
export type DrawnChart = Pick<Chart, 'left' | 'right' | 'log' | 'band' | 'seconds' | 'series'>

/** The data block that the scripts in `page/` draw from. */
export interface ChartData {
  /** For each point, the middle of its interval, in seconds since the start of the run. All charts over time share them. */
  seconds: number[]
  /** Marks drawn in all charts over time. */
  marks: { second: number; label: string }[]
  /** Phases drawn behind all charts over time; `faulty` if any rule acted. */
  bands: { from: number; to: number; label: string; faulty: boolean }[]
  charts: Record<string, DrawnChart>
  /** Over −log10 of the share that is slower: 1 is p90, 2 is p99. */
  spectrum: { nines: number[]; series: ChartSeries[] }
  /** Curves by the id of their chart. */
  recoveries: Record<string, RecoveryCurve[]>
  /** How many response times lie where, over time; the chart `heat`. */
  heat?: HeatMap
}

/** Columns side by side: when each ends, in seconds, and its first level and the counts from there on. */
export interface HeatMap {
  ends: number[]
  columns: number[][]
}

/** Charts of some of the requests, which readers may choose instead of those of all. */
export interface ChartView {
  label: string
  /** When each of its steps ends, in seconds: an index into `ends` of the block. */
  ends: number
  /** Values by chart, then by the label of the series. */
  charts: Record<string, Record<string, (number | null)[]>>
  /** Columns of its heat map. */
  heat: number[][]
}

/** The data block of all views, which is read when the first one is chosen. */
export interface ChartViews {
  ends: number[][]
  views: ChartView[]
}

/** Points that `page/` draws for one kind of user: seconds from the mark, and the share that was back. */
export interface RecoveryCurve {
  label: string
  tone: Tone
  line: LineStyle
  seconds: number[]
  shares: number[]
}

export type Tone = 'blue' | 'orange' | 'violet' | 'teal' | 'red' | 'grey'
export type LineStyle = 'solid' | 'dashed' | 'dotted'

/** Returns the element into which the scripts in `page/` draw a chart. */
export function figure({ id, title, note }: Pick<Chart, 'id' | 'title' | 'note'>): Markup {
  return html`<figure>
<figcaption id="chart-${id}"><strong>${title}</strong> <span>${note}</span></figcaption>
<div class="plot" role="group" aria-roledescription="chart" aria-labelledby="chart-${id}" data-chart="${id}"></div>
</figure>
`
}

/** Rounds to a microsecond. Nothing here is measured more precisely, and more digits only make the file larger. */
export function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 1000) / 1000) as T
}
