import { topOfCurves } from './curve.ts'
import type { Lab, LabUnit, LabValues } from './lab.ts'

/** How near a prediction came: within 10 %, within 50 %, or further off. Shares may be off by 1 and 5 percentage points instead, points of a curve by 2 % and 10 % of its axis. */
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
  /** Loads, from 1, whose generator could not keep up: their numbers say more about the machine. Absent if there were none. */
  doubtful?: number[]
}

export function gradeAttempt(lab: Lab, settings: LabValues, predictions: LabValues, measured: LabValues): Attempt {
  const { measures, curves = [] } = lab
  const formulas = lab.theory?.(settings) ?? {}
  const drawn = new Set(curves.flatMap(({ points }) => points.map(point => point.measure)))
  const top = topOfCurves(lab, settings)
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
        ...(predicted !== undefined && {
          predicted,
          nearness: nearnessOf(predicted, value, toleranceOf(unit, drawn.has(measure) ? top : undefined)),
        }),
      }
    }),
  }
}

/** How far off a prediction may be, whatever the number: near zero, a ratio says nothing. */
interface Tolerance {
  right: number
  near: number
}

/** Tolerances of shares, because 2 % predicted as 1 % is a good prediction. */
const SHARES: Tolerance = { right: 0.01, near: 0.05 }
/** Tolerances of a point that was drawn, as shares of the axis. */
const DRAWN: Tolerance = { right: 0.02, near: 0.1 }
const RATIOS: Tolerance = { right: 1.1, near: 1.5 }

/** @param top of the axis, if the prediction is a point of a curve */
export function toleranceOf(unit: LabUnit, top?: number): Tolerance {
  if (top !== undefined) return { right: DRAWN.right * top, near: DRAWN.near * top }
  return unit === 'share' ? SHARES : { right: 0, near: 0 }
}

export function nearnessOf(predicted: number, measured: number, tolerance: Tolerance): Nearness {
  const apart = Math.abs(predicted - measured)
  const ratio = Math.max(predicted, measured) / Math.min(predicted, measured)
  const isWithin = (grade: keyof Tolerance) => apart <= tolerance[grade] || (ratio >= 1 && ratio <= RATIOS[grade])
  if (isWithin('right')) return 'right'
  return isWithin('near') ? 'near' : 'off'
}
