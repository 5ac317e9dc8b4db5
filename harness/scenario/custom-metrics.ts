import type { MetricKind } from '../metrics/catalog.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'

export interface MetricOptions<Tag extends string> {
  /** Unit of a value, as reports show it: `EUR`, `items`, `bytes`. Default: `count`, or `ms` for a trend. A rate has none. */
  unit?: string
  /** Meaning of a value, in a sentence for the report. */
  description?: string
  /** Keys of the tags that values may have. */
  tags?: readonly Tag[]
  /** The direction of a change for the better. Default: `lower` for a trend, `higher` for other kinds. */
  better?: 'higher' | 'lower'
}

/** A sum that only grows, such as the value of all orders. */
export function counter<const Tag extends string = never>(
  name: string,
  options: MetricOptions<Tag> = {},
): CustomMetric<'counter', Tag> {
  return metric('counter', name, { unit: 'count', better: 'higher', ...options })
}

/** Hits among all values, such as the share of searches with a result. */
export function rate<const Tag extends string = never>(
  name: string,
  options: Omit<MetricOptions<Tag>, 'unit'> = {},
): CustomMetric<'rate', Tag> {
  return metric('rate', name, { unit: 'share', better: 'higher', ...options })
}

/** A distribution of values from 0 to 14,400,000, with percentiles; of times in ms, unless it has another unit. */
export function trend<const Tag extends string = never>(
  name: string,
  options: MetricOptions<Tag> = {},
): CustomMetric<'trend', Tag> {
  return metric('trend', name, { unit: 'ms', better: 'lower', ...options })
}

/** The last value that any user recorded, its lowest and its highest, such as the length of a queue. */
export function gauge<const Tag extends string = never>(
  name: string,
  options: MetricOptions<Tag> = {},
): CustomMetric<'gauge', Tag> {
  return metric('gauge', name, { unit: 'count', better: 'higher', ...options })
}

function metric<Kind extends MetricKind, Tag extends string>(
  kind: Kind,
  name: string,
  options: MetricOptions<Tag> & Required<Pick<MetricOptions<Tag>, 'unit' | 'better'>>,
): CustomMetric<Kind, Tag> {
  return { description: '', tags: [], ...options, kind, name }
}
