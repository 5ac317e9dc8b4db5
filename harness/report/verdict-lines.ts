import type { RegressionVerdict, RunResult } from '../results/run-result.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import { formatMargin, formatQuantity } from './quantity.ts'
import { regressionText } from './regressions.ts'
import { type Paint, plain, wrapped } from './terminal.ts'

const OBSERVED_WIDTH = 10
const MARGIN_WIDTH = 19

/** Returns a line for each threshold, or two for a long one: what was demanded, what was observed, and the margin. */
export function thresholdLines(verdicts: readonly ThresholdVerdict[], width: number, paint: Paint): string[] {
  if (verdicts.length === 0) return ['none set: nothing was judged']
  const room = width - 2 - OBSERVED_WIDTH - MARGIN_WIDTH - 2
  const demands = verdicts.map(({ metric, expression }) => `${plain(metric)} ${plain(expression)}`)
  const column = Math.min(room, Math.max(...demands.map(demand => demand.length)))
  return verdicts.flatMap((verdict, index) => {
    const demand = demands[index] ?? ''
    const observed = verdict.observed === undefined ? '–' : formatQuantity(verdict.observed, verdict.unit)
    const figures = `${observed.padStart(OBSERVED_WIDTH)}  ${formatMargin(verdict)}`
    // A condition that is too long for its column gets its own line, because its end matters.
    return demand.length <= column
      ? [`${mark(verdict.state, paint)} ${demand.padEnd(column)}${figures}`]
      : [`${mark(verdict.state, paint)} ${demand}`, `${' '.repeat(2 + column)}${figures}`]
  })
}

export function regressionLines(verdicts: readonly RegressionVerdict[], width: number, paint: Paint): string[] {
  return verdicts.flatMap(verdict => {
    const { state, demand } = verdict
    const sign = state === 'unclear' ? paint('yellow', '?') : mark(state, paint)
    return [
      ...wrapped(`${sign} ${plain(demand)}`, width),
      ...wrapped(regressionText(verdict), width - 2).map(line => `  ${line}`),
    ]
  })
}

/** Returns the mark of a verdict: a sign and a colour, because not everybody sees colours. */
export function mark(state: ThresholdVerdict['state'], paint: Paint): string {
  if (state === 'passed') return paint('green', '✓')
  return paint('red', state === 'failed' ? '✗' : '∅')
}

export function validityLines({ validity, totals }: RunResult, width: number, paint: Paint): string[] {
  if (totals.requests === 0) return []
  const doubts = validity.findings.filter(({ state }) => state === 'doubtful')
  const hints = doubts.flatMap(({ question, observed, limit, advice }) => {
    const [first, ...rest] = wrapped(`${question} ${observed}, expected ${limit}. ${advice}`, width - 2)
    return [`${paint('yellow', '!')} ${first}`, ...rest.map(line => `  ${line}`)]
  })
  return validity.state === 'valid' ? [`${paint('green', '✓')} the load generator kept up`, ...hints] : hints
}

export function ledgerLines({ reconciliation }: RunResult, width: number, paint: Paint): string[] {
  const { state, summary } = reconciliation
  const sign = { agrees: paint('green', '✓'), differs: paint('red', '✗'), unavailable: paint('dim', '∅') }[state]
  const [first, ...rest] = wrapped(plain(summary), width - 2)
  return [`${sign} ${first}`, ...rest.map(line => `  ${line}`)]
}
