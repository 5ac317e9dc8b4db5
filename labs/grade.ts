import type { Lab, LabUnit, LabValues } from './lab.ts'

/** How near a prediction came: within 10 %, within 50 %, or further off. Shares may be off by 1 and 5 percentage points instead. */
export type Nearness = 'right' | 'near' | 'off'

/** A number of one run beside what was expected. */
export interface GradedMeasure {
  measure: string
  label: string
  unit: LabUnit
  from: 'target' | 'harness'
  measured: number
  theory?: number
  predicted?: number
  /** Absent without a prediction. */
  nearness?: Nearness
}

/** One run of a lab: its settings, and what it measured beside what was predicted. */
export interface Attempt {
  settings: LabValues
  measures: GradedMeasure[]
}

export function gradeAttempt(
  { measures, theory }: Lab,
  settings: LabValues,
  predictions: LabValues,
  measured: LabValues,
): Attempt {
  const formulas = theory?.(settings) ?? {}
  return {
    settings,
    measures: Object.entries(measures).map(([measure, { label, unit, from }]) => {
      const value = measured[measure] as number
      const formula = formulas[measure]
      const predicted = predictions[measure]
      return {
        measure,
        label,
        unit,
        from,
        measured: value,
        ...(formula !== undefined && { theory: formula }),
        ...(predicted !== undefined && { predicted, nearness: nearnessOf(predicted, value, unit) }),
      }
    }),
  }
}

/** Absolute tolerances of shares, because 2 % predicted as 1 % is a good prediction. */
const SHARES = { right: 0.01, near: 0.05 }
const RATIOS = { right: 1.1, near: 1.5 }

export function nearnessOf(predicted: number, measured: number, unit: LabUnit): Nearness {
  const apart = Math.abs(predicted - measured)
  if (unit === 'share' && apart <= SHARES.right) return 'right'
  if (predicted === measured) return 'right'
  const ratio = Math.max(predicted, measured) / Math.min(predicted, measured)
  if (ratio >= 1 && ratio <= RATIOS.right) return 'right'
  if (unit === 'share' && apart <= SHARES.near) return 'near'
  return ratio >= 1 && ratio <= RATIOS.near ? 'near' : 'off'
}
