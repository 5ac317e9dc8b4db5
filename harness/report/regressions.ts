import type { RegressionVerdict } from '../results/run-result.ts'
import { rounded, signedChange } from './comparison.ts'
import { counted, formatQuantity } from './quantity.ts'

/** Returns a comparison with the baseline in words: `12.3 ms, baseline 9.89 ms: +24.2 % (+20.5 % to +28.0 %)`. */
export function regressionText({
  base,
  observed,
  change,
  unit,
  interval,
  baselines,
  state,
}: RegressionVerdict): string {
  if (base === undefined || observed === undefined || change === undefined)
    return 'no data: this run or a baseline run lacks it, or has too few samples'
  const signed = (value: number) => signedChange(value, unit)
  const spread =
    interval === undefined
      ? `from ${counted(baselines, 'run')}, too few to know the noise between runs`
      : `${signed(interval.low)} to ${signed(interval.high)}`
  const doubt = state === 'unclear' ? '; cannot tell: more baseline runs or longer runs narrow the interval' : ''
  return `${formatQuantity(observed, unit)}, baseline ${formatQuantity(base, unit)}: ${signed(change)} (${spread})${doubt}`
}

/** Returns which limits the run broke, as a sentence; none if it kept them. */
export function regressionSentences(regressions: readonly RegressionVerdict[]): string[] {
  const failed = regressions.filter(({ state }) => state === 'failed')
  const empty = regressions.filter(({ state }) => state === 'no-data')
  const broken = failed.map(
    verdict =>
      `${verdict.demand.replace(/\s*[\d.]+\s*%\s*$/, '')} may get worse by ${rounded(verdict.limit)}, and was ${regressionText(verdict)}`,
  )
  return [
    ...(failed.length > 0 ? [`The run is worse than its baseline: ${broken.join('; ')}.`] : []),
    ...empty.map(({ demand }) => `${demand} cannot be compared with the baseline: one of them has no data.`),
  ]
}
