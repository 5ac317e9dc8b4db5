import { formatCount } from '../core/number-format.ts'
import { formatMs } from '../harness/report/quantity.ts'
import type { Attempt, GradedMeasure, Nearness } from './grade.ts'
import type { Lab, LabUnit } from './lab.ts'

/** Returns a number with its unit: `12.3 ms`, `40 per second`, `21.6 %`. */
export function formatLabValue(value: number, unit: LabUnit): string {
  switch (unit) {
    case 'ms':
      return formatMs(value)
    case 's':
      return `${rounded(value)} s`
    case 'share':
      return `${rounded(100 * value)} %`
    case 'per second':
      return `${rounded(value)} per second`
    case 'count':
      return rounded(value)
  }
}

function rounded(value: number): string {
  return Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/**
 * Reads a number of a learner: shares may be written in per cent, as `5 %`, or as `0.05`.
 * @returns undefined if it is no number
 */
export function readLabValue(text: string, unit: LabUnit): number | undefined {
  const [, digits, sign] = /^\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%|ms|s|\/s|per second)?\s*$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = Number(digits.replace(',', '.'))
  if (sign === '%') return unit === 'share' ? value / 100 : undefined
  if (sign === 's' && unit === 'ms') return value * 1000
  if (sign === 'ms' && unit !== 'ms') return undefined
  return value
}

const nearnessWords: Record<Nearness, string> = { right: '✓ right', near: '≈ near', off: '✗ off' }

/** Returns the rows of a table: label, prediction, formula, measurement, grade. */
export function attemptRows({ measures }: Attempt): string[][] {
  const shown = (value: number | undefined, { unit }: GradedMeasure) =>
    value === undefined ? '' : formatLabValue(value, unit)
  return measures.map(measure => [
    measure.label,
    shown(measure.predicted, measure),
    shown(measure.theory, measure),
    shown(measure.measured, measure),
    measure.from,
    measure.nearness === undefined ? '' : nearnessWords[measure.nearness],
  ])
}

/** Returns what to think of a run whose generator could not keep up; undefined if it did. */
export function doubtText({ doubtful = [] }: Attempt, { loads = 1 }: Pick<Lab, 'loads'>): string | undefined {
  if (doubtful.length === 0) return undefined
  const which =
    loads === 1 ? 'this run' : `${doubtful.length === 1 ? 'load' : 'loads'} ${doubtful.join(', ')} of ${loads}`
  return `The load generator could not keep up in ${which}, so the numbers say more about this machine than about the target. Stop what else runs here, and run again.`
}
