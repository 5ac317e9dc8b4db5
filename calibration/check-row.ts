import { normalQuantile } from '../core/normal.ts'
import { type ShareInterval, wilsonInterval } from '../core/wilson.ts'

/** `invalid`: outside, but the machine was so busy that the row says nothing about the target. */
export type CheckState = 'within' | 'outside' | 'invalid'

/** An observed value compared with the value that it should have. */
export interface CheckRow {
  what: string
  unit: 'ms' | 'share' | 'ratio' | 'count' | 'per second'
  theory: number
  observed: number
  /** Interval around the observed value that contains the true value with this probability. Counts are exact. */
  interval: ShareInterval
  state: CheckState
  /** Evidence that the machine was too busy, for an invalid row. */
  reason?: string
}

/** Returns the row of an estimate. Its interval may be that of another measure with the same uncertainty. */
export function checkRow(
  what: string,
  unit: CheckRow['unit'],
  { theory, observed, interval }: Pick<CheckRow, 'theory' | 'observed' | 'interval'>,
): CheckRow {
  const isWithin = interval.low <= theory && theory <= interval.high
  return { what, unit, theory, observed, interval, state: isWithin ? 'within' : 'outside' }
}

/** Returns the row of a count that has one right value. */
export function exactRow(what: string, theory: number, observed: number): CheckRow {
  return checkRow(what, 'count', { theory, observed, interval: { level: 1, low: observed, high: observed } })
}

/** Returns the row of a share, estimated from the number of hits among all trials. */
export function shareRow(
  what: string,
  theory: number,
  { injected, matched }: { injected: number; matched: number },
  level: number,
): CheckRow {
  const interval = wilsonInterval(injected, matched, level)
  return checkRow(what, 'share', { theory, observed: injected / matched, interval })
}

/** Returns an estimate that is normally distributed, with its interval. */
export function normalEstimate(
  observed: number,
  deviation: number,
  level: number,
): Pick<CheckRow, 'observed' | 'interval'> {
  const reach = normalQuantile((1 + level) / 2) * deviation
  return { observed, interval: { level, low: observed - reach, high: observed + reach } }
}

/** Makes a row outside its interval invalid if the machine was too busy: it then proves no defect. */
export function judged(row: CheckRow, tooBusy: string | undefined): CheckRow {
  return row.state === 'outside' && tooBusy !== undefined ? { ...row, state: 'invalid', reason: tooBusy } : row
}
