import type { SampleFamily } from './exposition/exposition-reader.ts'
import type { ExposedSample } from './exposition/sample-line.ts'
import type { SeriesPoint } from './metric-source.ts'

/** Buckets kept of a histogram; those of a well-made one are far fewer. */
const MOST_BUCKETS = 256
/** Labels of the parts of a distribution, which are one series together. */
const partLabels = { histogram: 'le', summary: 'quantile' } as const

type SeriesLabels = ExposedSample['labels']
type Shape = 'counter' | 'value' | 'histogram' | 'summary'

/** The numbers of a page that grow, to be compared with those of the page before. */
interface GrowingNumbers {
  atMs: number
  count: number
  sum: number
  /** Cumulative counts by upper bound. */
  buckets: Map<number, number>
}

/**
 * A series of an endpoint, or a whole distribution: counters become rates, gauges stay values, histograms become a rate, a mean and
 * a 99th percentile, and summaries a rate and a mean.
 */
export class ScrapedSeries {
  readonly #labels: SeriesLabels
  readonly #family: SampleFamily
  readonly #shape: Shape
  #previous: GrowingNumbers | undefined
  #current: GrowingNumbers | undefined
  #value: number | undefined

  constructor({ labels }: ExposedSample, family: SampleFamily) {
    this.#family = family
    this.#shape = shapeOf(family)
    this.#labels = labelsOf(labels, family)
  }

  /** Identifies the series that a sample belongs to. */
  static keyOf({ name, labels }: ExposedSample, family: SampleFamily): string {
    const shape = shapeOf(family)
    const own = shape === 'histogram' || shape === 'summary' ? family.name : name
    return `${own} ${JSON.stringify(Object.entries(labelsOf(labels, family)).sort(([a], [b]) => (a < b ? -1 : 1)))}`
  }

  /** Number of series that it becomes. */
  get size(): number {
    return { counter: 1, value: 1, histogram: 3, summary: 2 }[this.#shape]
  }

  /** Begins another page. */
  begin(): void {
    this.#current = { atMs: 0, count: Number.NaN, sum: Number.NaN, buckets: new Map() }
    this.#value = undefined
  }

  take({ name, labels, value }: ExposedSample): void {
    const totals = this.#current!
    if (this.#shape === 'value') this.#value = value
    else if (this.#shape === 'counter' || name.endsWith('_count')) totals.count = value
    else if (name.endsWith('_sum')) totals.sum = value
    else if (name.endsWith('_bucket') && totals.buckets.size < MOST_BUCKETS) {
      totals.buckets.set(boundOf(labels['le']), value)
    }
  }

  /** Returns the values of the page that has been taken. */
  points(atMs: number): SeriesPoint[] {
    const { name } = this.#family
    if (this.#shape === 'value') return [this.#point(name, this.#value)]
    const [previous, current] = [this.#previous, { ...this.#current!, atMs }]
    this.#previous = current
    const rate = previous && rateOf(previous, current)
    if (this.#shape === 'counter') return [this.#point(`${name.replace(/_total$/, '')}_per_second`, rate)]
    const count = rate === undefined ? 0 : current.count - previous!.count
    const mean = count > 0 ? (current.sum - previous!.sum) / count : undefined
    const points = [this.#point(`${name}_count_per_second`, rate), this.#point(`${name}_mean`, mean)]
    if (this.#shape === 'summary') return points
    return [...points, this.#point(`${name}_p99`, count > 0 ? quantileOf(0.99, previous!, current) : undefined)]
  }

  #point(name: string, value: number | undefined): SeriesPoint {
    return { name, labels: this.#labels, value: Number.isFinite(value) ? value : undefined }
  }
}

function shapeOf({ type }: SampleFamily): Shape {
  return type === 'counter' || type === 'histogram' || type === 'summary' ? type : 'value'
}

function labelsOf(labels: SeriesLabels, { type }: SampleFamily): SeriesLabels {
  const part = type === 'histogram' || type === 'summary' ? partLabels[type] : undefined
  return part === undefined ? labels : Object.fromEntries(Object.entries(labels).filter(([label]) => label !== part))
}

function boundOf(le = ''): number {
  return /^\+?inf$/i.test(le) ? Number.POSITIVE_INFINITY : Number(le)
}

/** Returns the rate per second; undefined if the counter began again, because what it lost is unknown. */
function rateOf(previous: GrowingNumbers, current: GrowingNumbers): number | undefined {
  const seconds = (current.atMs - previous.atMs) / 1000
  const grown = current.count - previous.count
  return seconds > 0 && grown >= 0 ? grown / seconds : undefined
}

/** Returns a quantile of what was added between two pages, as Prometheus computes it: evenly spread within its bucket. */
function quantileOf(quantile: number, previous: GrowingNumbers, current: GrowingNumbers): number | undefined {
  const bounds = [...current.buckets.keys()].filter(bound => !Number.isNaN(bound)).sort((a, b) => a - b)
  const grown = bounds.map(bound => current.buckets.get(bound)! - (previous.buckets.get(bound) ?? 0))
  const rank = quantile * (grown.at(-1) ?? 0)
  const at = grown.findIndex(count => count >= rank)
  if (at === -1 || rank <= 0) return undefined
  const bound = bounds[at]!
  const [below, lower] = at === 0 ? [0, Math.min(0, bound)] : [grown[at - 1]!, bounds[at - 1]!]
  // Nothing is known about the last bucket but that it begins.
  if (bound === Number.POSITIVE_INFINITY) return at === 0 ? undefined : lower
  return lower + ((bound - lower) * (rank - below)) / (grown[at]! - below)
}
