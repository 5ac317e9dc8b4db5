import type { Histogram } from '../../../core/histogram.ts'
import { bucketBounds, countsWithin } from './buckets.ts'
import { type ExposedFamily, inSeconds, type Labels, type ExposedPoint } from './families.ts'

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
  const lines = families.flatMap(family => linesOf(family, options))
  return [...lines, ...(options.format === 'openmetrics' ? ['# EOF'] : [])].map(line => `${line}\n`).join('')
}

function linesOf(family: ExposedFamily, { format, histograms }: TextOptions): string[] {
  const name = nameOf(family.name, family.unit)
  const head = (type: string, name: string, classic = name) => headLines({ ...family, type, name, classic }, format)
  switch (family.type) {
    case 'counter':
      return [...head('counter', name, `${name}_total`), ...valueLines(`${name}_total`, family.points)]
    case 'gauge':
      return [...head('gauge', name), ...valueLines(name, family.points)]
    case 'info': {
      const type = format === 'openmetrics' ? 'info' : 'gauge'
      return [...head(type, name, `${name}_info`), ...valueLines(`${name}_info`, family.points)]
    }
    case 'distribution': {
      const lines = [...head('summary', name), ...family.points.flatMap(point => summaryLines(name, point))]
      if (!histograms) return lines
      const other = nameOf(`${family.name}_histogram`, family.unit)
      return [...lines, ...head('histogram', other), ...family.points.flatMap(point => histogramLines(other, point))]
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

function headLines({ name, classic, type, unit, help }: Head, format: TextFormat): string[] {
  if (format === 'prometheus') return [`# HELP ${classic} ${escaped(help)}`, `# TYPE ${classic} ${type}`]
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
  ]
}

function valueLines(name: string, points: readonly ExposedPoint[]): string[] {
  return points.map(([labels, value]) => sample(name, labels, value))
}

function summaryLines(name: string, [labels, times]: ExposedPoint<Histogram>): string[] {
  return [
    ...(times.count === 0 ? [] : QUANTILES).map(quantile =>
      sample(name, { ...labels, quantile: String(quantile) }, inSeconds(times.percentile(quantile * 100))),
    ),
    ...sumLines(name, [labels, times]),
  ]
}

function histogramLines(name: string, [labels, times]: ExposedPoint<Histogram>): string[] {
  let below = 0
  const buckets = countsWithin(times).map((count, index) => {
    below += count
    const bound = bucketBounds[index]
    return sample(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, below)
  })
  return [...buckets, ...sumLines(name, [labels, times])]
}

function sumLines(name: string, [labels, times]: ExposedPoint<Histogram>): string[] {
  return [sample(`${name}_sum`, labels, inSeconds(times.sumMs)), sample(`${name}_count`, labels, times.count)]
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).flatMap(([label, text]) =>
    text === undefined ? [] : [`${label}="${escaped(text)}"`],
  )
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}
