import type { CheckState } from '../check-row.ts'
import type { CertificateVerdict, CertifiedRow } from './certificate.ts'

export const verdictWords: Record<CertificateVerdict, string> = {
  calibrated: 'CALIBRATED',
  unproven: 'UNPROVEN',
  deviating: 'DEVIATING',
}

export const stateWords: Record<CheckState, string> = {
  within: '✓ within',
  outside: '✗ outside',
  invalid: '! invalid',
}

/** The numbers of a row as text. */
export interface RowText {
  expected: string
  observed: string
  interval: string
}

const suffixes: Record<CertifiedRow['unit'], string> = {
  ms: ' ms',
  share: ' %',
  ratio: '',
  count: '',
  'per second': ' /s',
}

export function rowText({ unit, theory, observed, interval: { low, high } }: CertifiedRow): RowText {
  const scale = unit === 'share' ? 100 : 1
  const number = (value: number) => shown(value * scale)
  const value = (value: number) => `${number(value)}${suffixes[unit]}`
  if (unit === 'count' && low === high) {
    return { expected: value(theory), observed: value(observed), interval: 'exactly' }
  }
  const upper = high === null ? '∞' : value(high)
  return { expected: value(theory), observed: value(observed), interval: `${number(low)} … ${upper}` }
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) < 10 ? value.toPrecision(3) : value.toFixed(1)
}
