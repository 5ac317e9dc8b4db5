import { formatCount } from '../../core/number-format.ts'
import { formatMs, formatRate } from '../../harness/report/quantity.ts'
import type { ComparedRow } from './audit-result.ts'

/** Formats a compared number, or the difference of two. Bytes are given in full: a difference of few among many counts. */
export function formatCompared(value: number, unit: ComparedRow['unit']): string {
  const sign = value < 0 ? '−' : ''
  const size = Math.abs(value)
  if (unit === 'ms') return `${sign}${formatMs(size)}`
  return `${sign}${unit === 'per second' ? formatRate(size) : formatCount(size)}`
}
