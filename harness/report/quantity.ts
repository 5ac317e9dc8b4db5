import { formatCount, formatNumber, formatShare } from '../../core/number-format.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { TrendSummary } from '../results/trend-summary.ts'
import { formatDuration } from '../../core/duration.ts'
import { hasPercentile } from '../results/spectrum.ts'

/** Formats a rate per second without its unit: `12.3`. */
export function formatRate(perSecond: number): string {
  return Number.isInteger(perSecond) ? formatCount(perSecond) : formatNumber(perSecond)
}

/** `0.42 ms`, `42.0 ms`, `4.20 s`, `2m 5s`. */
export function formatMs(valueMs: number): string {
  if (valueMs < 999.5) return `${formatNumber(valueMs)} ms`
  return valueMs < 60_000 ? `${formatNumber(valueMs / 1000)} s` : formatDuration(valueMs)
}

/** `4.20 MB`, in steps of a thousand. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${step === 0 ? formatCount(bytes) : formatNumber(bytes / 1000 ** step)} ${units[step]}`
}

/** Formats the median and high percentiles as far as the samples allow, then the slowest: `p50 4.20 ms`, `max 9.10 ms`. */
export function formatPercentiles({ count, p50Ms, p95Ms, p99Ms, maxMs }: TrendSummary): string[] {
  if (count === 0) return []
  if (count === 1) return [formatMs(maxMs), 'one sample']
  const known = (
    [
      ['p50', 50, p50Ms],
      ['p95', 95, p95Ms],
      ['p99', 99, p99Ms],
    ] as const
  )
    .filter(([, percentile]) => hasPercentile(count, percentile))
    .map(([name, , value]) => `${name} ${formatMs(value)}`)
  return known.length === 3 ? known : [...known, `max ${formatMs(maxMs)}`, `of ${counted(count, 'sample')}`].slice(0, 3)
}

/** Formats the share of a part; 0 of 0 is 0 %. */
export function formatPart(part: number, whole: number): string {
  return formatShare(whole === 0 ? 0 : part / whole)
}

/** Formats an offset from the start of the run: `0:07`, `12:30`, `1:02:03`. */
export function formatOffset(offsetMs: number): string {
  if (offsetMs < 0) return `−${formatOffset(-offsetMs)}`
  const seconds = Math.floor(offsetMs / 1000)
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  const padded = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`
}

/** `1 stream`, `2 streams`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}

const formats: Readonly<Record<string, (value: number) => string>> = {
  ms: formatMs,
  bytes: formatBytes,
  share: formatShare,
  count: formatRate,
  'per second': perSecond => `${formatRate(perSecond)}/s`,
}

/** Formats a value in the unit of its metric. */
export function formatQuantity(value: number, unit: ThresholdVerdict['unit']): string {
  return Object.hasOwn(formats, unit) ? formats[unit]!(value) : `${formatRate(value)} ${unit}`
}

/** Margins above this are given as a multiple of the limit, not in per cent. */
const MOST_MARGIN = 9.99

/** Returns the distance to the limit in words: `43 % to spare`, `12 % too high`, `3 % too low`, `19 × the limit`. */
export function formatMargin({ state, margin, expression }: ThresholdVerdict): string {
  if (state === 'no-data') return 'no data'
  const broken = expression.includes('<') ? 'too high' : expression.includes('>') ? 'too low' : 'not met'
  // Equality has no margin.
  if (margin === undefined || (margin === 0 && broken === 'not met')) return state === 'passed' ? 'held' : broken
  const rounded = Math.round(Math.abs(margin) * 100)
  // 100 % to spare means that nothing was seen.
  const percent = formatCount(margin < 1 && rounded === 100 && margin > 0 ? 99 : rounded)
  if (Math.abs(margin) > MOST_MARGIN) return `${formatCount(Math.round(1 + Math.abs(margin)))} × the limit`
  if (percent === '0') return state === 'passed' ? 'at the limit' : `just ${broken}`
  return `${percent} % ${margin >= 0 ? 'to spare' : broken}`
}
