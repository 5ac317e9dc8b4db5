/** One thing that was held against what it should be. */
export interface CheckRow {
  what: string
  unit: 'ms' | 'share' | 'ratio' | 'count'
  theory: number
  observed: number
  /** What chance allows around the observed: at this level it holds the true value. A count allows for none. */
  interval: { level: number; low: number; high: number }
  within: boolean
}

/** A row of what was estimated; `observed` may be another measure of the same, with the same uncertainty. */
export function checkRow(
  what: string,
  unit: CheckRow['unit'],
  { theory, observed, interval }: Pick<CheckRow, 'theory' | 'observed' | 'interval'>,
): CheckRow {
  return { what, unit, theory, observed, interval, within: interval.low <= theory && theory <= interval.high }
}

/** A count that must be this. */
export function exactRow(what: string, theory: number, observed: number): CheckRow {
  return checkRow(what, 'count', { theory, observed, interval: { level: 1, low: observed, high: observed } })
}
