import type { FaultOutcome } from '../results/ledger-findings.ts'
import type { RunResult } from '../results/run-result.ts'
import { counted, formatPart, formatPercentiles } from './quantity.ts'
import { formatCount } from '../../core/number-format.ts'
import { clipped, plain, wrapped } from './terminal.ts'

const MOST_PHASES = 8
const LONGEST_NAME = 16
const FAILED_WIDTH = 15
const TIME_WIDTH = 12

/** Returns the requests phase by phase, for a run with a timeline of faults. */
export function phaseLines({ phases }: RunResult, width: number): string[] {
  const rows = phases.slice(0, MOST_PHASES)
  const nameWidth = Math.min(LONGEST_NAME, Math.max(0, ...rows.map(({ name }) => name.length))) + 2
  const lines = rows.map(({ name, requests, failed, response }) => {
    const asked =
      requests === 0 ? 'no request' : failed === 0 ? 'none failed' : `${formatPart(failed, requests)} failed`
    const times = formatPercentiles(response)
    const cells = [asked.padEnd(FAILED_WIDTH), ...times.map(time => `${time} `.padEnd(TIME_WIDTH))]
    return clipped(`${clipped(plain(name), LONGEST_NAME).padEnd(nameWidth)}${cells.join('')}`.trimEnd(), width)
  })
  return phases.length > MOST_PHASES ? [...lines, `and ${phases.length - MOST_PHASES} more`] : lines
}

/** Returns the faults of a target that had rules. */
export function faultLines({ faults: { rules, stalled } }: RunResult, width: number): string[] {
  if (rules.length === 0) return []
  const sum = (pick: (row: FaultOutcome) => number) => rules.reduce((total, row) => total + pick(row), 0)
  const apart = rules.filter(({ share }) => !share.agrees).map(({ id }) => plain(id))
  const told = [
    `${counted(rules.length, 'rule')} affected ${formatCount(sum(({ injected }) => injected))} of ${formatCount(sum(({ matched }) => matched))}`,
    apart.length === 0 ? 'as configured' : `not as configured: ${apart.join(', ')}`,
    ...(stalled > 0 ? [`${counted(stalled, 'request')} held up by a stall`] : []),
  ]
  return wrapped(told.join(', '), width)
}
