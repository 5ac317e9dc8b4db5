import { Histogram } from '../../core/histogram.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { MetricSeries } from '../metrics/series.ts'

/** Returns the recorded times of a metric as one distribution, over the series whose tags include the selector. */
export function recordedTimes(series: readonly MetricSeries[], metric: string, selector: Tags = {}): Histogram {
  const wanted = Object.entries(selector)
  const sum = new Histogram()
  for (const { metric: name, tags, value } of series) {
    if (name !== metric || value.kind !== 'trend') continue
    if (wanted.every(([tag, text]) => tags[tag] === text)) sum.merge(Histogram.fromJSON(value.histogram))
  }
  return sum
}

/** Returns the tags that select the requests of a row of `names`. */
export function selectorOfRow({ name, method }: { name: string; method: string }): Tags {
  return { name, ...(method !== '' && { method }) }
}
