import { FilledBuckets, layoutOf } from './buckets.ts'
import { type ExposedFamily, type ExposedUnit, exposedValue, type Labels, type ExposedPoint } from './families.ts'

/** Prefix of all names. */
const PREFIX = 'loadcell'
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999]

/** `openmetrics`: OpenMetrics 1.0. `prometheus`: the older text format of Prometheus, 0.0.4. */
export type TextFormat = 'openmetrics' | 'prometheus'

export interface TextOptions {
  format: TextFormat
  /** Whether each distribution is written as a histogram as well, with a name of its own. Summaries cannot be added up. */
  histograms: boolean
}

/** Returns the metrics as text. Times are in seconds; each distribution is a summary. */
export function exposedText(families: readonly ExposedFamily[], options: TextOptions): string {
  return [...textParts(families, options)].join('')
}

/** Yields the same text in parts, each of some lines. */
export function* textParts(families: readonly ExposedFamily[], options: TextOptions): Iterable<string> {
  for (const family of families) yield* partsOf(family, options)
  if (options.format === 'openmetrics') yield '# EOF\n'
}

function* partsOf(family: ExposedFamily, { format, histograms }: TextOptions): Iterable<string> {
  const name = nameOf(family.name, family.unit)
  const head = (type: string, name: string, classic = name) => headLines({ ...family, type, name, classic }, format)
  switch (family.type) {
    case 'counter':
      yield head('counter', name, `${name}_total`)
      return yield* valueLines(`${name}_total`, family.points)
    case 'gauge':
      yield head('gauge', name)
      return yield* valueLines(name, family.points)
    case 'info':
      yield head(format === 'openmetrics' ? 'info' : 'gauge', name, `${name}_info`)
      return yield* valueLines(`${name}_info`, family.points)
    case 'distribution': {
      yield head('summary', name)
      // Read once, so that both forms agree: the histogram may grow while parts are written.
      const read: ExposedPoint<FilledBuckets>[] = []
      for (const [labels, times] of family.points) {
        const point = [labels, new FilledBuckets(times)] as const
        if (histograms) read.push(point)
        yield summaryLines(family, name, point)
      }
      if (!histograms) return
      const other = nameOf(`${family.name}_distribution`, family.unit)
      yield head('histogram', other)
      for (const point of read) yield histogramLines(family, other, point)
    }
  }
}

function nameOf(name: string, unit: ExposedFamily['unit']): string {
  return `${PREFIX}_${name}${unit === undefined ? '' : `_${unit}`}`
}

interface Head extends Pick<ExposedFamily, 'unit' | 'help'> {
  type: string
  name: string
  /** Name in the older format, which has the suffix of the samples. */
  classic: string
}

function headLines({ name, classic, type, unit, help }: Head, format: TextFormat): string {
  if (format === 'prometheus') return `# HELP ${classic} ${escaped(help)}\n# TYPE ${classic} ${type}\n`
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escaped(help)}\n`
}

function* valueLines(name: string, points: readonly ExposedPoint[]): Iterable<string> {
  for (const [labels, value] of points) yield sample(name, pairsOf(labels), value)
}

function summaryLines(family: ExposedUnit, name: string, [labels, buckets]: ExposedPoint<FilledBuckets>): string {
  const pairs = pairsOf(labels)
  const quantiles = (buckets.count === 0 ? [] : QUANTILES).map(quantile =>
    sample(name, [...pairs, `quantile="${quantile}"`], exposedValue(family, buckets.quantile(quantile))),
  )
  return quantiles.join('') + sumLines(family, name, pairs, buckets)
}

function histogramLines(family: ExposedUnit, name: string, [labels, buckets]: ExposedPoint<FilledBuckets>): string {
  const pairs = pairsOf(labels)
  let below = 0
  const layout = layoutOf(family)
  const lines = buckets.withinBounds(layout).map((count, index) => {
    below += count
    return sample(`${name}_bucket`, [...pairs, `le="${layout.bounds[index] ?? '+Inf'}"`], below)
  })
  return lines.join('') + sumLines(family, name, pairs, buckets)
}

function sumLines(
  family: ExposedUnit,
  name: string,
  pairs: readonly string[],
  { sumMs, count }: FilledBuckets,
): string {
  return sample(`${name}_sum`, pairs, exposedValue(family, sumMs)) + sample(`${name}_count`, pairs, count)
}

function sample(name: string, pairs: readonly string[], value: number): string {
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}

/** Returns labels as they are written. */
function pairsOf(labels: Labels): string[] {
  return Object.entries(labels).flatMap(([label, text]) => (text === undefined ? [] : [`${label}="${escaped(text)}"`]))
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}
