/** `invalid`: outside, on a machine so busy that the row says nothing about the target. */
export type CheckState = 'within' | 'outside' | 'invalid'

/** One thing that was held against what it should be. */
export interface CheckRow {
  what: string
  unit: 'ms' | 'share' | 'ratio' | 'count' | 'per second'
  theory: number
  observed: number
  /** Interval that chance allows around the observed value: at this level it holds the true value. Counts have none. */
  interval: { level: number; low: number; high: number }
  state: CheckState
  /** Evidence that the machine was too busy, for an invalid row. */
  reason?: string
}

/** A row of what was estimated; `observed` may be another measure of the same, with the same uncertainty. */
export function checkRow(
  what: string,
  unit: CheckRow['unit'],
  { theory, observed, interval }: Pick<CheckRow, 'theory' | 'observed' | 'interval'>,
): CheckRow {
  const isWithin = interval.low <= theory && theory <= interval.high
  return { what, unit, theory, observed, interval, state: isWithin ? 'within' : 'outside' }
}

/** A count that must be this. */
export function exactRow(what: string, theory: number, observed: number): CheckRow {
  return checkRow(what, 'count', { theory, observed, interval: { level: 1, low: observed, high: observed } })
}

/** Marks rows outside their interval as invalid where the machine was too busy: they are neither a defect nor a proof. */
export function judged(row: CheckRow, tooBusy: string | undefined): CheckRow {
  return row.state === 'outside' && tooBusy !== undefined ? { ...row, state: 'invalid', reason: tooBusy } : row
}
